"""JPEG files of what was counted."""
