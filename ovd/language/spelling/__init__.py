"""Correction of misspelled queries, English and Korean."""
