"""Access: roles, users, tokens, sessions, identities, and the audit log."""

from ovd.domain.access.accounts import (
    MAX_ACCOUNT_NAME,
    NewUser,
    Session,
    Token,
    User,
    UserChanges,
    check_account_name,
)
from ovd.domain.access.audit import AuditEntry
from ovd.domain.access.external import ExternalIdentity, GroupRoles
from ovd.domain.access.identity import Identity, IdentityKind, Role

__all__ = [
    "MAX_ACCOUNT_NAME",
    "AuditEntry",
    "ExternalIdentity",
    "GroupRoles",
    "Identity",
    "IdentityKind",
    "NewUser",
    "Role",
    "Session",
    "Token",
    "User",
    "UserChanges",
    "check_account_name",
]
