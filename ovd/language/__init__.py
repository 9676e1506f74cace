"""What the user typed becomes a Query; no torch."""
