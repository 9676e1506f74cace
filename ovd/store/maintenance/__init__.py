"""Maintenance of a whole database: copies, sizes, pruning, rollups."""
