"""Cameras and recordings over HTTP: what answers there, and motion JPEG in all its shapes."""
