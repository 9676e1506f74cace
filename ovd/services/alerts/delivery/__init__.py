"""Delivery of messages to targets."""
