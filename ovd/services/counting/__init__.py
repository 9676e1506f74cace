"""Counting: one run, one camera, all cameras."""
