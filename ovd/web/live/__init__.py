"""What open windows are sent while they are open: parts of the page, and live images."""
