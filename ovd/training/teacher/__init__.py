"""Labels and losses from trained detectors: their agreement, and how far to trust it."""
