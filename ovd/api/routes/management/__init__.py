"""Routes of who may do what, and of the server itself."""
