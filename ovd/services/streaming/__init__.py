"""Live images and events of cameras, made once for all who watch."""
