"""A camera as one thing: queries, how it is read, credentials, whether it is counted or removed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; `enabled` said until now whether a camera was in use."""
    for column in (
        sa.Column("queries", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("sample_fps", sa.Float, nullable=True),
        sa.Column("transport", sa.String(10), nullable=True),
        sa.Column("credentials", sa.Text, nullable=True),
        sa.Column("complete", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("removed_at", _TIME, nullable=True),
        sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    ):
        op.add_column("cameras", column)
    cameras = sa.table("cameras", sa.column("enabled", sa.Boolean), sa.column("removed_at", _TIME))
    op.execute(
        cameras.update()
        .where(cameras.c.enabled.is_(sa.false()))
        .values(removed_at=datetime.now(UTC))
    )
    op.execute(cameras.update().values(enabled=sa.false()))
