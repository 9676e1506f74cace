"""Which cameras a user added; tables and gap reasons by the terms of the documentation."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_BIG_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)
_REFERENCES = {"run_id": "runs", "camera_id": "cameras", "query_id": "queries", "zone_id": "zones"}
_INTERVAL_COLUMNS = ("run_id", "camera_id", "query_id", "zone_id", "first_at", "last_at")
_REASONS = {"frozen picture": "frozen image", "unreadable picture": "unreadable image"}


def upgrade() -> None:
    """Add `cameras.added`, rename `watches` to `tracked_intervals`, and reasons of gaps."""
    _mark_added_cameras()
    _create_tracked_intervals()
    watches, intervals = (
        sa.table(name, sa.column("id"), *(sa.column(column) for column in _INTERVAL_COLUMNS))
        for name in ("watches", "tracked_intervals")
    )
    rows = sa.select(*(watches.c[column] for column in _INTERVAL_COLUMNS)).order_by(watches.c.id)
    op.execute(intervals.insert().from_select(_INTERVAL_COLUMNS, rows))
    op.drop_table("watches")
    gaps = sa.table("gaps", sa.column("reason", sa.Text))
    for old, new in _REASONS.items():
        op.execute(gaps.update().where(gaps.c.reason == old).values(reason=new))


def _mark_added_cameras() -> None:
    """Take those for added that are counted, have queries of their own, or credentials."""
    op.add_column(
        "cameras", sa.Column("added", sa.Boolean, nullable=False, server_default=sa.false())
    )
    cameras = sa.table(
        "cameras",
        sa.column("id", sa.Integer),
        sa.column("enabled", sa.Boolean),
        sa.column("queries", sa.JSON),
        sa.column("credentials", sa.Text),
        sa.column("removed_at", _TIME),
        sa.column("added", sa.Boolean),
    )
    connection = op.get_bind()
    in_use = sa.select(cameras).where(cameras.c.removed_at.is_(None))
    for row in connection.execute(in_use).all():
        if row.enabled or row.queries or row.credentials is not None:
            connection.execute(cameras.update().where(cameras.c.id == row.id).values(added=True))


def _create_tracked_intervals() -> None:
    table = "tracked_intervals"
    op.create_table(
        table,
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("query_id", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.Integer, nullable=True),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.CheckConstraint("last_at >= first_at", name=op.f(f"ck_{table}_order")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_{table}_{column}_{target}"),
                ondelete="RESTRICT",
            )
            for column, target in _REFERENCES.items()
        ),
    )
    op.create_index(op.f(f"ix_{table}_run_id_query_id"), table, ["run_id", "query_id"])
    op.create_index(
        op.f(f"ix_{table}_camera_id_query_id_last_at"), table, ["camera_id", "query_id", "last_at"]
    )
