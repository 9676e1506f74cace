"""What a network runs on: device and precision."""
