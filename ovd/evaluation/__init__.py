"""Measuring detectors, trackers and counts against labels."""
