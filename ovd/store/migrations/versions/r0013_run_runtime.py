"""Runtime and precision of a run's network; runs of before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"


def upgrade() -> None:
    """Add the two columns."""
    with op.batch_alter_table("runs") as table:
        for name in ("runtime", "precision"):
            table.add_column(sa.Column(name, sa.String(20), nullable=False, server_default=""))
