"""Detections -> tracks -> what they do at lines and polygons."""
