"""Jobs: long work that someone asks for and comes back to."""
