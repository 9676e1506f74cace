"""Tracks, zones and their events; rollups, summed from the counts there are; retention."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BIG_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)
# Bucket -> what a time of it starts with, and what SQLite writes after that.
_SQLITE_STARTS = {
    "minute": (len("2026-03-01 12:00"), ":00.000000"),
    "hour": (len("2026-03-01 12"), ":00:00.000000"),
    "day": (len("2026-03-01"), " 00:00:00.000000"),
}


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}_{target}"),
        ondelete="RESTRICT",
    )


def upgrade() -> None:
    """Create the tables and fill the rollups."""
    _create_tracks()
    _create_zones()
    _create_zone_events()
    _create_rollups()
    op.create_table(
        "retention",
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("kept_from", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("table_name", name=op.f("pk_retention")),
    )
    _fill_rollups()


def _create_tracks() -> None:
    op.create_table(
        "tracks",
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("query_id", sa.Integer, nullable=False),
        sa.Column("track_id", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("best_score", sa.Float, nullable=False),
        sa.Column("best_xyxy", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracks")),
        sa.UniqueConstraint(
            "run_id", "query_id", "track_id", name=op.f("uq_tracks_run_id_query_id_track_id")
        ),
        sa.CheckConstraint("last_seen_at >= first_seen_at", name=op.f("ck_tracks_order")),
        sa.CheckConstraint("best_score BETWEEN 0 AND 1", name=op.f("ck_tracks_best_score")),
        _reference("tracks", "run_id", "runs"),
        _reference("tracks", "camera_id", "cameras"),
        _reference("tracks", "query_id", "queries"),
    )
    op.create_index(
        op.f("ix_tracks_seen"), "tracks", ["camera_id", "query_id", "last_seen_at", "first_seen_at"]
    )


def _create_zones() -> None:
    op.create_table(
        "zones",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("points_norm", sa.JSON, nullable=False),
        sa.Column("anchor", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones")),
        sa.CheckConstraint("kind IN ('line', 'polygon')", name=op.f("ck_zones_kind")),
        _reference("zones", "camera_id", "cameras"),
    )
    op.create_index(op.f("ix_zones_camera_id_name"), "zones", ["camera_id", "name"])


def _create_zone_events() -> None:
    op.create_table(
        "zone_events",
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.Integer, nullable=False),
        sa.Column("query_id", sa.Integer, nullable=False),
        sa.Column("track_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("dwell_s", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_events")),
        sa.CheckConstraint(
            "kind IN ('in', 'out', 'enter', 'exit')", name=op.f("ck_zone_events_kind")
        ),
        sa.CheckConstraint("dwell_s >= 0", name=op.f("ck_zone_events_dwell_s")),
        _reference("zone_events", "run_id", "runs"),
        _reference("zone_events", "zone_id", "zones"),
        _reference("zone_events", "query_id", "queries"),
    )
    op.create_index(
        op.f("ix_zone_events_zone_id_query_id_at"), "zone_events", ["zone_id", "query_id", "at"]
    )


def _create_rollups() -> None:
    op.create_table(
        "rollups",
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("query_id", sa.Integer, nullable=False),
        sa.Column("bucket", sa.String(10), nullable=False),
        sa.Column("bucket_start", _TIME, nullable=False),
        sa.Column("observed_s", sa.Float, nullable=False),
        sa.Column("samples", sa.BigInteger, nullable=False),
        sa.Column("count_sum", sa.BigInteger, nullable=False),
        sa.Column("count_max", sa.Integer, nullable=False),
        sa.Column("uniques", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(
            "camera_id", "query_id", "bucket", "bucket_start", name=op.f("pk_rollups")
        ),
        sa.CheckConstraint("bucket IN ('minute', 'hour', 'day')", name=op.f("ck_rollups_bucket")),
        _reference("rollups", "camera_id", "cameras"),
        _reference("rollups", "query_id", "queries"),
        sqlite_with_rowid=False,
    )


def _fill_rollups() -> None:
    """Sum what was counted before there were rollups."""
    for bucket, (characters, rest) in _SQLITE_STARTS.items():
        start = f"substr(captured_at, 1, {characters}) || '{rest}'"
        if op.get_bind().dialect.name == "postgresql":
            start = f"date_trunc('{bucket}', captured_at, 'UTC')"
        op.get_bind().exec_driver_sql(
            "INSERT INTO rollups (camera_id, query_id, bucket, bucket_start, "  # noqa: S608
            "observed_s, samples, count_sum, count_max, uniques) "
            f"SELECT camera_id, query_id, '{bucket}', {start} AS started_at, "
            "sum(observed_s), count(*), sum(count), max(count), 0 "
            "FROM frame_counts GROUP BY camera_id, query_id, started_at"
        )
