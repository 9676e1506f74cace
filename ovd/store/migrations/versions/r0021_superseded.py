"""Counts of a recording that was counted again give way to the newer ones."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"

_INDEX = "ix_frame_counts_totals"
_TOTALS = ["camera_id", "query_id", "captured_at", "observed_s", "count", "pending", "unknown"]


def upgrade() -> None:
    """Add the recording to `runs`, and the mark of rows that are no longer read."""
    op.add_column("runs", sa.Column("recording", sa.String(64), nullable=True))
    op.add_column("runs", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", _flag("start_given"))
    for table in ("frame_counts", "tracks", "zone_events", "tracked_intervals"):
        op.add_column(table, _flag("superseded"))
    op.drop_index(_INDEX, "frame_counts")
    op.create_index(_INDEX, "frame_counts", [*_TOTALS, "superseded"])


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
