"""Wrappers of a detector that work frame by frame: sharing between cameras, colours."""
