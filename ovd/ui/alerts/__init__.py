"""The alerts view: rules as sentences with their states, their window, and the log."""
