"""What is done to all data together: erasing and backup."""
