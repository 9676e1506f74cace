"""Queues of sites: who waits, how long, who gives up."""
