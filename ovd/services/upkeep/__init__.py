"""Upkeep of all data together: erasing and backup."""
