"""Composition root: settings to services."""
