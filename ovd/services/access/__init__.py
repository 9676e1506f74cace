"""Access: who may do what. Users, sessions, API tokens, sign-in and the audit log."""
