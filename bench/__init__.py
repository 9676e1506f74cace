"""Benchmarks that print a table; run as `python -m bench.NAME`, never as timed tests."""
