"""ORM tables. Rows never leave `ovd.store`; docs/database.md describes them for users."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ovd.domain.cameras import Camera, CameraOptions, CameraQuery
from ovd.domain.live import Transport
from ovd.domain.query import Query
from ovd.domain.records import Recording, Run, RunStatus, TrackSummary
from ovd.domain.zones import Zone, build_mask, build_zone, zone_kind
from ovd.store.liveness import Process
from ovd.store.schema.columns import BigKey, UtcDateTime


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
        list[float]: JSON(),
        list[list[float]]: JSON(),
    }


def _reference(column: str) -> ForeignKey:
    """A reference that keeps its target from being deleted: counts are never lost that way."""
    return ForeignKey(column, ondelete="RESTRICT")


class CameraRow(Base):
    """A named source and how it is counted.

    `uri` holds no password; `credentials` is the whole address, encrypted, where that is needed.
    """

    __tablename__ = "cameras"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    uri: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    enabled: Mapped[bool]
    added: Mapped[bool] = mapped_column(server_default=false())
    queries: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    sample_fps: Mapped[float | None]
    transport: Mapped[str | None] = mapped_column(String(10))
    detector: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    verify: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    credentials: Mapped[str | None] = mapped_column(Text)
    complete: Mapped[bool] = mapped_column(server_default=true())
    removed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default="1")
    masks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")

    def record(self) -> Camera:
        """Return the camera without its row, and without credentials."""
        transport = None if self.transport is None else Transport(self.transport)
        return Camera(
            id=self.id,
            name=self.name,
            uri=self.uri,
            created_at=self.created_at,
            enabled=self.enabled,
            added=self.added,
            queries=tuple(CameraQuery(item["text"], item["min_score"]) for item in self.queries),
            options=CameraOptions(self.sample_fps, transport, self.detector, self.verify),
            complete=self.complete,
            removed_at=self.removed_at,
            revision=self.revision,
            masks=tuple(build_mask(**item) for item in self.masks),
        )


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
        """Return whether this is the same text with the same reading and threshold."""
        return (self.text, self.read_as, self.prompts, self.excluded, self.min_score) == (
            query.text,
            query.read_as,
            list(query.prompts),
            list(query.excluded),
            query.min_score,
        )


class SavedQueryRow(Base):
    """A query on the user's list, to be read again by whatever detector counts it.

    `key` is the text without regard to case.
    """

    __tablename__ = "saved_queries"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class RunRow(Base):
    """One run of counting.

    `owner_host`, `owner_pid` and `alive_at` tell a run that goes on from one whose process died.
    `recording` is the footage that was counted, taken from `recorded_at` on; null for a camera.
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
    runtime: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    precision: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    recording: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime | None]
    start_given: Mapped[bool] = mapped_column(server_default=false())
    owner_host: Mapped[str] = mapped_column(String(255))
    owner_pid: Mapped[int]
    alive_at: Mapped[datetime]

    def record(self, camera: Camera) -> Run:
        """The run without its row."""
        known = None
        if self.recording is not None and self.recorded_at is not None:
            known = Recording(self.recording, self.recorded_at, self.start_given)
        return Run(
            self.id,
            camera,
            self.detector,
            self.weights_sha256,
            self.started_at,
            self.ended_at,
            RunStatus(self.status),
            self.error,
            self.runtime,
            self.precision,
            known,
        )


class FrameCountRow(Base):
    """The count of one query in one frame.

    The unique constraint finds the counts of one run, the index those of one camera, query and
    interval: the two ways in which counts are read. The index holds all that totals need,
    because cameras and queries lie mixed in the table: reading it instead costs a quarter.
    `superseded` rows were counted again from the same recording; only their run still has them.
    """

    __tablename__ = "frame_counts"
    __table_args__ = (
        UniqueConstraint("run_id", "query_id", "frame_index"),
        CheckConstraint("count >= 0", name="count"),
        CheckConstraint("observed_s >= 0", name="observed_s"),
        CheckConstraint("max_score BETWEEN 0 AND 1", name="max_score"),
        Index(
            "ix_frame_counts_totals",
            *("camera_id", "query_id", "captured_at", "observed_s"),
            *("count", "pending", "unknown", "superseded"),
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
    pending: Mapped[int] = mapped_column(server_default=text("0"))
    unknown: Mapped[int] = mapped_column(server_default=text("0"))
    superseded: Mapped[bool] = mapped_column(server_default=false())


class GapRow(Base):
    """An interval in which a camera was not observed."""

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


class TrackRow(Base):
    """One object followed through one run for one query."""

    __tablename__ = "tracks"
    __table_args__ = (
        UniqueConstraint("run_id", "query_id", "track_id"),
        CheckConstraint("last_seen_at >= first_seen_at", name="order"),
        CheckConstraint("best_score BETWEEN 0 AND 1", name="best_score"),
        Index("ix_tracks_seen", "camera_id", "query_id", "last_seen_at", "first_seen_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    run_id: Mapped[int] = mapped_column(_reference("runs.id"))
    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"))
    query_id: Mapped[int] = mapped_column(_reference("queries.id"))
    track_id: Mapped[int] = mapped_column(BigInteger)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    best_score: Mapped[float]
    best_xyxy: Mapped[list[float]]
    superseded: Mapped[bool] = mapped_column(server_default=false())

    def record(self) -> TrackSummary:
        """The track without its row."""
        x0, y0, x1, y1 = self.best_xyxy
        seen = (self.first_seen_at, self.last_seen_at)
        return TrackSummary(self.track_id, *seen, self.best_score, (x0, y0, x1, y1))


class ZoneRow(Base):
    """A line or polygon in the image of a camera; never changed, only given up.

    A zone that is moved is a new row, so that old events stay true.
    """

    __tablename__ = "zones"
    __table_args__ = (
        CheckConstraint("kind IN ('line', 'polygon')", name="kind"),
        Index(None, "camera_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    points_norm: Mapped[list[list[float]]]
    anchor: Mapped[str] = mapped_column(String(20))
    retired_at: Mapped[datetime | None]

    @classmethod
    def of(cls, camera_id: int, zone: Zone) -> "ZoneRow":
        """The row of a zone that is in use."""
        return cls(
            camera_id=camera_id,
            name=zone.name,
            kind=zone_kind(zone),
            points_norm=[list(point) for point in zone.points_norm],
            anchor=zone.anchor.value,
        )

    def zone(self) -> Zone:
        """The zone without its row."""
        return build_zone(self.kind, self.name, [(x, y) for x, y in self.points_norm], self.anchor)


class ZoneEventRow(Base):
    """A track that crossed a line, or entered or left a polygon."""

    __tablename__ = "zone_events"
    __table_args__ = (
        CheckConstraint("kind IN ('in', 'out', 'enter', 'exit')", name="kind"),
        CheckConstraint("dwell_s >= 0", name="dwell_s"),
        Index(None, "zone_id", "query_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    run_id: Mapped[int] = mapped_column(_reference("runs.id"))
    zone_id: Mapped[int] = mapped_column(_reference("zones.id"))
    query_id: Mapped[int] = mapped_column(_reference("queries.id"))
    track_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    dwell_s: Mapped[float | None]
    superseded: Mapped[bool] = mapped_column(server_default=false())


class TrackedIntervalRow(Base):
    """An interval in which a query was tracked in a run: at a zone, or at all.

    Outside of it a missing track or event means that it was not observed, not that there was none.
    """

    __tablename__ = "tracked_intervals"
    __table_args__ = (
        CheckConstraint("last_at >= first_at", name="order"),
        Index(None, "run_id", "query_id"),
        Index(None, "camera_id", "query_id", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    run_id: Mapped[int] = mapped_column(_reference("runs.id"))
    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"))
    query_id: Mapped[int] = mapped_column(_reference("queries.id"))
    zone_id: Mapped[int | None] = mapped_column(_reference("zones.id"))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    superseded: Mapped[bool] = mapped_column(server_default=false())


class RollupRow(Base):
    """Counts of one query at one camera summed over a minute, an hour or a day of UTC.

    The key is the order in which reports read, and SQLite keeps the rows in it. `uniques` is
    the number of tracks seen in the interval: it cannot be summed, because a track that lasts is in
    many intervals. Where only a track was seen, `samples` is 0.
    """

    __tablename__ = "rollups"
    __table_args__ = (
        CheckConstraint("bucket IN ('minute', 'hour', 'day')", name="bucket"),
        {"sqlite_with_rowid": False},
    )

    camera_id: Mapped[int] = mapped_column(_reference("cameras.id"), primary_key=True)
    query_id: Mapped[int] = mapped_column(_reference("queries.id"), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(10), primary_key=True)
    bucket_start: Mapped[datetime] = mapped_column(primary_key=True)
    observed_s: Mapped[float]
    samples: Mapped[int] = mapped_column(BigInteger)
    count_sum: Mapped[int] = mapped_column(BigInteger)
    count_max: Mapped[int]
    uniques: Mapped[int] = mapped_column(BigInteger)
    pending_sum: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    unknown_sum: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class RetentionRow(Base):
    """From which moment on a table still holds everything; absent when nothing was removed."""

    __tablename__ = "retention"

    table_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    kept_from: Mapped[datetime]


class ServerRow(Base):
    """The one server that counts the cameras of this database; no row while there is none."""

    __tablename__ = "servers"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    node: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime]

    def owner(self) -> Process:
        """Return the process that it names."""
        return Process(self.host, self.pid, self.node)
