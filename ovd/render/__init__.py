"""Annotated images and charts of results."""
