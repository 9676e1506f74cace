"""Objects that were not judged, beside those that count."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add `frame_counts.pending` and `frame_counts.unknown`, 0 for what was counted before."""
    for name in ("pending", "unknown"):
        op.add_column(
            "frame_counts",
            sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0")),
        )
