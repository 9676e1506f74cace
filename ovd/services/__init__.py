"""Use cases; collaborators arrive as arguments typed by ports."""
