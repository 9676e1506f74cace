"""The training loop, its checkpoints and its initial weights."""
