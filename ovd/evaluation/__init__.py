"""Evaluation of detectors, trackers and counts against ground truth."""
