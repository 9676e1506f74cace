"""ORM tables. Rows never leave `ovd.store`; docs/database.md describes them for users."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ovd.domain.frame import require_aware
from ovd.domain.query import Query
from ovd.domain.records import Camera, Run, RunStatus

# SQLite counts rows only in a column declared exactly INTEGER; other databases need 64 bits.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware times, kept as UTC; a database without time zones gives them back aware, too.

    Raises:
        ValueError: If a naive time is to be written (SQLAlchemy wraps it in StatementError).
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, convert the others to UTC."""
        if value is None:
            return None
        require_aware(value, "a stored time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Attach or convert to UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that a later migration can find it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        float: Float(),
        list[str]: JSON(),
    }


def _reference(column: str) -> ForeignKey:
    """A reference that keeps its target from being deleted: counts are never lost that way."""
    return ForeignKey(column, ondelete="RESTRICT")


class CameraRow(Base):
    """A named source."""

    __tablename__ = "cameras"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    uri: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    enabled: Mapped[bool]

    def record(self) -> Camera:
        """The camera without its row."""
        return Camera(self.id, self.name, self.uri, self.created_at, self.enabled)


class QueryRow(Base):
    """One reading of one query with one threshold; never changed, another reading is a new row."""

    __tablename__ = "queries"
    __table_args__ = (Index(None, "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    read_as: Mapped[str] = mapped_column(Text)
    prompts: Mapped[list[str]]
    excluded: Mapped[list[str]]
    min_score: Mapped[float]
    created_at: Mapped[datetime]

    def holds(self, query: Query) -> bool:
        """Whether this is the same text, read the same way, with the same threshold."""
        return (self.text, self.read_as, self.prompts, self.excluded, self.min_score) == (
            query.text,
            query.read_as,
            list(query.prompts),
            list(query.excluded),
            query.min_score,
        )


class RunRow(Base):
    """One stretch of counting.

    `owner_host`, `owner_pid` and `alive_at` tell a run that goes on from one whose process died.
    """

    __tablename__ = "runs"
    __table_args__ = (Index(None, "camera_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"))
    detector: Mapped[str] = mapped_column(String(200))
    weights_sha256: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(20))
    error: Mapped[str] = mapped_column(Text)
    owner_host: Mapped[str] = mapped_column(String(255))
    owner_pid: Mapped[int]
    alive_at: Mapped[datetime]

    def record(self, camera: Camera) -> Run:
        """The run without its row."""
        return Run(
            self.id,
            camera,
            self.detector,
            self.weights_sha256,
            self.started_at,
            self.ended_at,
            RunStatus(self.status),
            self.error,
        )


class FrameCountRow(Base):
    """The count of one query in one frame.

    The unique constraint finds the counts of one run, the index those of one camera, query and
    stretch of time: the two ways in which counts are read. The index holds all that totals need,
    because cameras and queries lie mixed in the table: reading it instead costs a quarter.
    """

    __tablename__ = "frame_counts"
    __table_args__ = (
        UniqueConstraint("run_id", "query_id", "frame_index"),
        CheckConstraint("count >= 0", name="count"),
        CheckConstraint("observed_s >= 0", name="observed_s"),
        CheckConstraint("max_score BETWEEN 0 AND 1", name="max_score"),
        Index(
            "ix_frame_counts_totals",
            *("camera_id", "query_id", "captured_at", "observed_s", "count"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    run_id: Mapped[int] = mapped_column(_reference("runs.id"))
    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"))
    query_id: Mapped[int] = mapped_column(_reference("queries.id"))
    frame_index: Mapped[int] = mapped_column(BigInteger)
    captured_at: Mapped[datetime]
    observed_s: Mapped[float]
    count: Mapped[int]
    max_score: Mapped[float]


class GapRow(Base):
    """A stretch of time in which a camera was not observed."""

    __tablename__ = "gaps"
    __table_args__ = (
        CheckConstraint("ended_at >= started_at", name="order"),
        Index(None, "camera_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(_reference("runs.id"))
    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
