"""Runtime and precision of a run's network; runs of before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the two columns."""
    for name in ("runtime", "precision"):
        column = sa.Column(name, sa.String(20), nullable=False, server_default=sa.text("''"))
        op.add_column("runs", column)
