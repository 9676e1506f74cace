"""Ports of access: the repositories of users, sessions, tokens and the audit log.

A repository raises `StoreError` from every method when the database cannot be used.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ovd.domain.access import AuditEntry, NewUser, Session, Token, User, UserChanges


class UserRepository(Protocol):
    """Users by name, whatever its case."""

    def add(self, user: NewUser) -> User:
        """Add a user.

        Raises:
            ConflictError: If there is one of that name.
        """
        ...

    def all(self) -> tuple[User, ...]:
        """Return the users by name."""
        ...

    def count(self) -> int:
        """Return how many users there are."""
        ...

    def find(self, name: str) -> User | None:
        """Return the user of that name, None where there is none."""
        ...

    def find_external(self, subject: str) -> User | None:
        """Return the user of a single sign-on by its key there, None where there is none."""
        ...

    def password_hash(self, name: str) -> str:
        """Return the stored hash of a user's password; empty where there is none."""
        ...

    def update(self, name: str, changes: UserChanges) -> User:
        """Change a user, which ends the sessions of the user.

        Raises:
            NotFoundError: If there is no user of that name.
            ConflictError: If it is the last admin, and would be none.
        """
        ...

    def remove(self, name: str) -> User:
        """Remove a user and the sessions of it; returns the user.

        Raises:
            NotFoundError: If there is no user of that name.
            ConflictError: If it is the last admin while there are other users.
        """
        ...


class SessionRepository(Protocol):
    """Sessions by the hash of their secret."""

    def add(self, session: Session) -> None:
        """Store a session that was just begun."""
        ...

    def find(self, session_id: str) -> Session | None:
        """Return a session with its user as of now; None where there is none."""
        ...

    def note_use(self, session_id: str, seen_at: datetime) -> None:
        """Store when a session was used last."""
        ...

    def remove(self, session_id: str) -> None:
        """End a session; one that has ended stays so."""
        ...

    def remove_of(self, user: User) -> int:
        """End all sessions of a user; returns how many."""
        ...

    def remove_old(self, created_before: datetime, seen_before: datetime) -> int:
        """Remove sessions that began or were used before these times; returns how many."""
        ...


class TokenRepository(Protocol):
    """API tokens by the hash of their secret, or by name whatever its case."""

    def add(self, token: Token, secret_hash: str) -> Token:
        """Store a token and return it with its key.

        Raises:
            ConflictError: If there is one of that name.
        """
        ...

    def all(self) -> tuple[Token, ...]:
        """Return the tokens by name."""
        ...

    def find(self, secret_hash: str) -> Token | None:
        """Return the token with that hash, None where there is none."""
        ...

    def note_use(self, token: Token, used_at: datetime) -> None:
        """Store when a token was used last."""
        ...

    def remove(self, name: str) -> Token:
        """Remove a token and return it.

        Raises:
            NotFoundError: If there is no token of that name.
        """
        ...


class AuditRepository(Protocol):
    """The audit log; entries are only ever added."""

    def add(self, entry: AuditEntry) -> None:
        """Store an entry."""
        ...

    def newest(
        self, limit: int, before_id: int | None = None, actor: str | None = None
    ) -> Sequence[AuditEntry]:
        """Return entries, newest first.

        Args:
            limit: At most this many.
            before_id: Only those with a smaller key; None begins with the newest.
            actor: Only what this user or token did; None for all.
        """
        ...


class AccessStore(Protocol):
    """The repositories of access, on one database."""

    @property
    def users(self) -> UserRepository:
        """Users."""
        ...

    @property
    def sessions(self) -> SessionRepository:
        """Sessions."""
        ...

    @property
    def tokens(self) -> TokenRepository:
        """API tokens."""
        ...

    @property
    def audit(self) -> AuditRepository:
        """The audit log."""
        ...
