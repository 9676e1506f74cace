"""From a training run to a weights folder."""
