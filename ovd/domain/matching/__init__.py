"""Pairing of rows and columns, as of tracks and detections."""
