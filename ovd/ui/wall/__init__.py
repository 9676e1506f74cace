"""The wall: the images of many cameras at once."""
