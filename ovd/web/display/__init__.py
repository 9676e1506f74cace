"""Displays: what a screen at the door of a site shows, and where screens are paired."""
