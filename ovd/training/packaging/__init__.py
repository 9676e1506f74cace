"""Export of a training run to a weights folder."""
