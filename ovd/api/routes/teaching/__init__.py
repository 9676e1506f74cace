"""Routes of names taught by example."""
