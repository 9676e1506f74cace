"""Attention over feature maps: dense or at a few points, positions, encoder and decoder."""
