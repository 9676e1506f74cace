"""Notifications: e-mail."""
