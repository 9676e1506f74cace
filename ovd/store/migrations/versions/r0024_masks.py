"""Masks: areas of a camera's image in which nothing is counted, or nothing is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the masks to `cameras`."""
    op.add_column("cameras", sa.Column("masks", sa.JSON, nullable=False, server_default="[]"))
