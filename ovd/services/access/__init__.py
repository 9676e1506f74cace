"""Access: users, sessions, API tokens, sign-in and the audit log."""
