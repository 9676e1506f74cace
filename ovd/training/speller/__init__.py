"""Training of the spelling network."""
