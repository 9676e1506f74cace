"""Reports that are made repeatedly: when, and how they are delivered."""
