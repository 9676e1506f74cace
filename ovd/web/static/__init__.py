"""Files that are the same for everyone: scripts, styles, and what makes the page an app."""
