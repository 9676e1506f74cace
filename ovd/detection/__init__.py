"""What wraps a detector frame by frame: sharing between cameras, colours."""
