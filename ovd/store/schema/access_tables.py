"""ORM tables of access: users, sessions, API tokens, the audit log and jobs."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovd.domain.access import AuditEntry, IdentityKind, Role, Token, User
from ovd.domain.ports.jobs import Job, JobState
from ovd.store.schema.columns import BigKey
from ovd.store.schema.tables import Base


def _permitted(cameras: list[str] | None) -> frozenset[str] | None:
    return None if cameras is None else frozenset(cameras)


class UserRow(Base):
    """A person who may sign in.

    `key` is the name without case, `cameras` NULL permits all, `subject` is the key of a user of a
    single sign-on.
    """

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("key"), Index(None, "subject", unique=True))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str] = mapped_column(Text)
    cameras: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    subject: Mapped[str | None] = mapped_column(String(64))

    def record(self) -> User:
        """Return the user without its row, and without the hash."""
        return User(
            self.id,
            self.name,
            Role(self.role),
            self.created_at,
            _permitted(self.cameras),
            bool(self.password_hash),
        )


class SessionRow(Base):
    """A signed-in browser; `id` is the hash of the secret in its cookie."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))


class TokenRow(Base):
    """An API token; only the hash of its secret is stored."""

    __tablename__ = "tokens"
    __table_args__ = (UniqueConstraint("key"), UniqueConstraint("secret_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10))
    prefix: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[str] = mapped_column(String(64))
    cameras: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    def record(self) -> Token:
        """Return the token without its row, and without the hash."""
        return Token(
            self.id,
            self.name,
            Role(self.role),
            self.prefix,
            self.created_at,
            self.expires_at,
            self.last_used_at,
            self.created_by,
            _permitted(self.cameras),
        )


class AuditRow(Base):
    """A change that was made, or a sign-in; never changed."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)

    def record(self) -> AuditEntry:
        """Return the entry without its row."""
        return AuditEntry(
            self.id,
            self.at,
            IdentityKind(self.kind),
            self.actor,
            self.address,
            self.action,
            self.target,
            self.detail,
        )


class JobRow(Base):
    """Long work that someone asked for by API."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    owner: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    progress: Mapped[float]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(200))

    def record(self) -> Job:
        """Return the job without its row."""
        return Job(
            self.id,
            self.kind,
            self.owner,
            JobState(self.state),
            self.progress,
            self.created_at,
            self.ended_at,
            self.error,
            self.file_name,
        )


class ErasureRow(Base):
    """A period of which counts, tracks and images were erased; never changed.

    It is applied again to a backup that is restored and still has that period.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    asked_at: Mapped[datetime]
    cameras: Mapped[list[str]]
    queries: Mapped[list[str]]
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime]
