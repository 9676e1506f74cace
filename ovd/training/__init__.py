"""Training of the detector and of the spelling network."""
