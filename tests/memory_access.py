"""Fakes of the repositories of access and jobs, in lists."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ovd.domain.access import (
    AuditEntry,
    NewUser,
    Role,
    Session,
    Token,
    User,
    UserChanges,
)
from ovd.domain.names import name_key
from ovd.domain.ports import Job
from ovd.errors import ConflictError, NotFoundError
from tests.builders import START


class MemoryUsers:
    def __init__(self, sessions: "MemorySessions", now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._now = now
        self._ids = itertools.count(1)
        self.stored: dict[str, tuple[User, str]] = {}

    def add(self, user: NewUser) -> User:
        key = name_key(user.name)
        if key in self.stored:
            raise ConflictError(f"there is a user {user.name!r} already")
        added = User(
            next(self._ids),
            user.name,
            user.role,
            self._now(),
            user.cameras,
            bool(user.password_hash),
        )
        self.stored[key] = (added, user.password_hash)
        return added

    def all(self) -> tuple[User, ...]:
        return tuple(user for _, (user, _) in sorted(self.stored.items()))

    def count(self) -> int:
        return len(self.stored)

    def find(self, name: str) -> User | None:
        found = self.stored.get(name_key(name))
        return None if found is None else found[0]

    def password_hash(self, name: str) -> str:
        found = self.stored.get(name_key(name))
        return "" if found is None else found[1]

    def update(self, name: str, changes: UserChanges) -> User:
        user = self._require(name)
        if changes.role not in (None, Role.ADMIN):
            self._require_other_admin(user)
        password_hash = changes.password_hash or self.password_hash(name)
        changed = replace(
            user,
            role=changes.role or user.role,
            has_password=bool(password_hash),
            cameras=changes.cameras if changes.sets_cameras else user.cameras,
        )
        self.stored[name_key(name)] = (changed, password_hash)
        self._sessions.remove_of(user)
        return changed

    def remove(self, name: str) -> User:
        user = self._require(name)
        if len(self.stored) > 1:
            self._require_other_admin(user)
        del self.stored[name_key(name)]
        self._sessions.remove_of(user)
        return user

    def _require(self, name: str) -> User:
        user = self.find(name)
        if user is None:
            raise NotFoundError(f"there is no user {name!r}; see ovd users list")
        return user

    def _require_other_admin(self, user: User) -> None:
        admins = {other.id for other in self.all() if other.role is Role.ADMIN}
        if admins == {user.id}:
            raise ConflictError(f"{user.name!r} is the only admin")


class MemorySessions:
    def __init__(self) -> None:
        self.users: MemoryUsers | None = None
        self.stored: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        self.stored[session.id] = session

    def find(self, session_id: str) -> Session | None:
        session = self.stored.get(session_id)
        if session is None or self.users is None:
            return session
        user = self.users.find(session.user.name)
        return None if user is None else replace(session, user=user)

    def note_use(self, session_id: str, seen_at: datetime) -> None:
        if session_id in self.stored:
            self.stored[session_id] = replace(self.stored[session_id], seen_at=seen_at)

    def remove(self, session_id: str) -> None:
        self.stored.pop(session_id, None)

    def remove_of(self, user: User) -> int:
        return self._remove_where(lambda session: session.user.id == user.id)

    def remove_old(self, created_before: datetime, seen_before: datetime) -> int:
        return self._remove_where(
            lambda session: session.created_at < created_before or session.seen_at < seen_before
        )

    def _remove_where(self, is_removed: Callable[[Session], bool]) -> int:
        removed = [session.id for session in self.stored.values() if is_removed(session)]
        for session_id in removed:
            del self.stored[session_id]
        return len(removed)


class MemoryTokens:
    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.stored: dict[str, tuple[Token, str]] = {}

    def add(self, token: Token, secret_hash: str) -> Token:
        key = name_key(token.name)
        if key in self.stored:
            raise ConflictError(f"there is a token {token.name!r} already")
        added = replace(token, id=next(self._ids))
        self.stored[key] = (added, secret_hash)
        return added

    def all(self) -> tuple[Token, ...]:
        return tuple(token for _, (token, _) in sorted(self.stored.items()))

    def find(self, secret_hash: str) -> Token | None:
        found = (token for token, stored in self.stored.values() if stored == secret_hash)
        return next(found, None)

    def note_use(self, token: Token, used_at: datetime) -> None:
        for key, (stored, secret_hash) in self.stored.items():
            if stored.id == token.id:
                self.stored[key] = (replace(stored, last_used_at=used_at), secret_hash)

    def remove(self, name: str) -> Token:
        found = self.stored.pop(name_key(name), None)
        if found is None:
            raise NotFoundError(f"there is no token {name!r}; see ovd tokens list")
        return found[0]


class MemoryAudit:
    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def add(self, entry: AuditEntry) -> None:
        self.entries.append(replace(entry, id=len(self.entries) + 1))

    def newest(
        self, limit: int, before_id: int | None = None, actor: str | None = None
    ) -> tuple[AuditEntry, ...]:
        found = [
            entry
            for entry in reversed(self.entries)
            if (before_id is None or entry.id < before_id) and actor in (None, entry.actor)
        ]
        return tuple(found[:limit])


class MemoryAccess:
    """An AccessStore in lists."""

    def __init__(self, now: Callable[[], datetime] = lambda: START) -> None:
        self.sessions = MemorySessions()
        self.users = MemoryUsers(self.sessions, now)
        self.sessions.users = self.users
        self.tokens = MemoryTokens()
        self.audit = MemoryAudit()


class MemoryJobs:
    """A JobRepository in a dictionary."""

    def __init__(self) -> None:
        self.stored: dict[str, Job] = {}

    def add(self, job: Job) -> None:
        self.stored[job.id] = job

    def update(self, job: Job) -> None:
        if job.id in self.stored:
            self.stored[job.id] = job

    def find(self, job_id: str) -> Job | None:
        return self.stored.get(job_id)

    def all(self) -> tuple[Job, ...]:
        by_id = sorted(self.stored.values(), key=lambda job: job.id)
        return tuple(sorted(by_id, key=lambda job: job.created_at, reverse=True))

    def remove(self, job_id: str) -> None:
        self.stored.pop(job_id, None)
