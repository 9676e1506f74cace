"""Datasets and name lists, read and checked."""
