"""The view and the window in which queries are tried before they are counted."""
