"""Counts of one camera over a period, for looking back: named periods, series, comparisons."""
