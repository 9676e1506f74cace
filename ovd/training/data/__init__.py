"""Images and labels of a training run, augmented and batched."""
