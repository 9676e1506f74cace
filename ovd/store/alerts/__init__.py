"""Repositories of alerts: rules with their states and log, targets, and the outbox."""
