"""What is done to a whole database: copies, sizes, pruning, rollups."""
