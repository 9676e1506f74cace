"""Sums of the objects that were not judged, for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_INDEX = "ix_frame_counts_totals"
_TOTALS = ["camera_id", "query_id", "captured_at", "observed_s", "count", "pending", "unknown"]


def upgrade() -> None:
    """Add the two sums to `rollups`, and the numbers to the index that reports read."""
    for name in ("pending_sum", "unknown_sum"):
        op.add_column(
            "rollups",
            sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0")),
        )
    op.drop_index(_INDEX, "frame_counts")
    op.create_index(_INDEX, "frame_counts", _TOTALS)
