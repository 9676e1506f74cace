"""Tracking of objects from frame to frame, and counting at zones."""
