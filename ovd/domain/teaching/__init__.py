"""Names taught by example: regions of images, what was learned from them, and how sure it is."""
