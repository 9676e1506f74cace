"""Runtimes of networks: device and precision."""
