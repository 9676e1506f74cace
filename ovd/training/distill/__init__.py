"""Distil a large model: its labels of the user's own recordings train the embedded detector."""
