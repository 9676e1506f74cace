"""Cameras, queries, runs, counts per frame, gaps."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}_{target}"),
        ondelete="RESTRICT",
    )


def upgrade() -> None:
    """Create the tables."""
    _create_cameras()
    _create_queries()
    _create_runs()
    _create_frame_counts()
    _create_gaps()


def _create_cameras() -> None:
    op.create_table(
        "cameras",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cameras")),
        sa.UniqueConstraint("name", name=op.f("uq_cameras_name")),
    )


def _create_queries() -> None:
    op.create_table(
        "queries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("read_as", sa.Text, nullable=False),
        sa.Column("prompts", sa.JSON, nullable=False),
        sa.Column("excluded", sa.JSON, nullable=False),
        sa.Column("min_score", sa.Float, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queries")),
    )
    op.create_index(op.f("ix_queries_text"), "queries", ["text"])


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("detector", sa.String(200), nullable=False),
        sa.Column("weights_sha256", sa.String(64), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("owner_host", sa.String(255), nullable=False),
        sa.Column("owner_pid", sa.Integer, nullable=False),
        sa.Column("alive_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        _reference("runs", "camera_id", "cameras"),
    )
    op.create_index(op.f("ix_runs_camera_id_started_at"), "runs", ["camera_id", "started_at"])


def _create_frame_counts() -> None:
    op.create_table(
        "frame_counts",
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("query_id", sa.Integer, nullable=False),
        sa.Column("frame_index", sa.BigInteger, nullable=False),
        sa.Column("captured_at", _TIME, nullable=False),
        sa.Column("observed_s", sa.Float, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("max_score", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_counts")),
        sa.UniqueConstraint(
            "run_id",
            "query_id",
            "frame_index",
            name=op.f("uq_frame_counts_run_id_query_id_frame_index"),
        ),
        sa.CheckConstraint("count >= 0", name=op.f("ck_frame_counts_count")),
        sa.CheckConstraint("observed_s >= 0", name=op.f("ck_frame_counts_observed_s")),
        sa.CheckConstraint("max_score BETWEEN 0 AND 1", name=op.f("ck_frame_counts_max_score")),
        _reference("frame_counts", "run_id", "runs"),
        _reference("frame_counts", "camera_id", "cameras"),
        _reference("frame_counts", "query_id", "queries"),
    )
    op.create_index(
        op.f("ix_frame_counts_totals"),
        "frame_counts",
        ["camera_id", "query_id", "captured_at", "observed_s", "count"],
    )


def _create_gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_gaps_order")),
        _reference("gaps", "run_id", "runs"),
        _reference("gaps", "camera_id", "cameras"),
    )
    op.create_index(op.f("ix_gaps_camera_id_started_at"), "gaps", ["camera_id", "started_at"])
