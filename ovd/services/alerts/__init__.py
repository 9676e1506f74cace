"""Alerts: judge rules by what happens at cameras, tell their messages, and replay them."""
