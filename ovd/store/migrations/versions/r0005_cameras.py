"""A camera as one thing, names in one Unicode form, and the lock of the server."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from ovd.store.migrations.names import unify_names

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add columns and table, then bring names into the form of `normalise_name`."""
    _extend_cameras()
    _create_servers()
    unify_names(op.get_bind())


def _extend_cameras() -> None:
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


def _create_servers() -> None:
    op.create_table(
        "servers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("node", sa.String(200), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("alive_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_servers")),
    )
