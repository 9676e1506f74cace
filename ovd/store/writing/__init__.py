"""Rows that wait, and the one thread that writes them."""
