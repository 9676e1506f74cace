"""Live cameras: connecting, reading, buffering and watching the stream."""
