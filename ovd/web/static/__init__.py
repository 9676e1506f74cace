"""What is the same for everyone: scripts and styles, and the page as an app of a phone."""
