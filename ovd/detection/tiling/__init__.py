"""Tiling: looks at parts of large frames beside the whole, so that small objects are found."""
