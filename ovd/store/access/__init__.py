"""Repositories of access: users, sessions, API tokens and the audit log."""
