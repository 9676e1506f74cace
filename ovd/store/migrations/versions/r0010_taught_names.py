"""Names taught by example, by version, with the examples that they were learned from."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "taught_names",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("camera_id", sa.Integer, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("detector", sa.String(300), nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("learned", sa.LargeBinary, nullable=False),
        sa.Column("estimate", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("removed_at", _TIME, nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_taught_names_version")),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name=op.f("fk_taught_names_camera_id_cameras"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_names")),
    )
    op.create_index(op.f("ix_taught_names_key_version"), "taught_names", ["key", "version"])
    _create_examples()


def _create_examples() -> None:
    op.create_table(
        "taught_examples",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("xyxy", sa.JSON, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.LargeBinary, nullable=False)
            for name in ("region_embeds", "region_xyxy", "other_embeds", "crop")
        ),
        sa.CheckConstraint(
            "kind IN ('shown', 'confirmed', 'refused')", name=op.f("ck_taught_examples_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_examples")),
        sa.UniqueConstraint("content_sha256", name=op.f("uq_taught_examples_content_sha256")),
    )
    op.create_table(
        "taught_name_examples",
        sa.Column("taught_name_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("taught_example_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["taught_name_id"],
            ["taught_names.id"],
            name=op.f("fk_taught_name_examples_taught_name_id_taught_names"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["taught_example_id"],
            ["taught_examples.id"],
            name=op.f("fk_taught_name_examples_taught_example_id_taught_examples"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("taught_name_id", "position", name=op.f("pk_taught_name_examples")),
    )
