"""Names taught by example boxes: learned from regions, measured on a bank of background."""
