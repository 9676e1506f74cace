"""Networks and their weights: the only package besides training that imports torch."""
