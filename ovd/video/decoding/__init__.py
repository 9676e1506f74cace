"""Packets of a container to upright frames in media time."""
