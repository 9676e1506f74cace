"""When a zone was given up, and when objects were followed: outside of that nothing is known."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BIG_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)
_REFERENCES = {"run_id": "runs", "camera_id": "cameras", "query_id": "queries", "zone_id": "zones"}


def upgrade() -> None:
    """Add `zones.retired_at` and the table `watches`."""
    op.add_column("zones", sa.Column("retired_at", _TIME, nullable=True))
    op.create_table(
        "watches",
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=False),
        sa.Column("query_id", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.Integer, nullable=True),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sa.CheckConstraint("last_at >= first_at", name=op.f("ck_watches_order")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_watches_{column}_{target}"),
                ondelete="RESTRICT",
            )
            for column, target in _REFERENCES.items()
        ),
    )
    op.create_index(op.f("ix_watches_run_id_query_id"), "watches", ["run_id", "query_id"])
    op.create_index(
        op.f("ix_watches_camera_id_query_id_last_at"),
        "watches",
        ["camera_id", "query_id", "last_at"],
    )
