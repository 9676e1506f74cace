"""Learn from what trained detectors say of pictures: what they agree on, and where they may err."""
