"""Labels and logits from other detectors."""
