"""ORM tables of names taught by example."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ovd.store.schema.tables import Base


class TaughtNameRow(Base):
    """One version of a taught name; never changed but for `removed_at`.

    `camera_id` is empty where the name is for all cameras. `learned` holds the float32 values of
    its vectors, each followed by its bias and four offsets of its boxes.
    """

    __tablename__ = "taught_names"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        Index(None, "key", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="RESTRICT"))
    version: Mapped[int]
    detector: Mapped[str] = mapped_column(String(300))
    dimensions: Mapped[int]
    learned: Mapped[bytes] = mapped_column(LargeBinary)
    estimate: Mapped[dict[str, int]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class TaughtExampleRow(Base):
    """One example box; versions of a name share those that they have in common.

    `content_sha256` tells equal ones. Embeddings are float16, boxes float32.
    """

    __tablename__ = "taught_examples"
    __table_args__ = (
        CheckConstraint("kind IN ('shown', 'confirmed', 'refused')", name="kind"),
        UniqueConstraint("content_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    content_sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    xyxy: Mapped[list[float]]
    height: Mapped[int]
    width: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    image_sha256: Mapped[str] = mapped_column(String(64))
    dimensions: Mapped[int]
    region_embeds: Mapped[bytes] = mapped_column(LargeBinary)
    region_xyxy: Mapped[bytes] = mapped_column(LargeBinary)
    other_embeds: Mapped[bytes] = mapped_column(LargeBinary)
    crop: Mapped[bytes] = mapped_column(LargeBinary)


class TaughtNameExampleRow(Base):
    """One of the examples from which a version was learned, and its place among them."""

    __tablename__ = "taught_name_examples"

    taught_name_id: Mapped[int] = mapped_column(
        ForeignKey("taught_names.id", ondelete="RESTRICT"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    taught_example_id: Mapped[int] = mapped_column(
        ForeignKey("taught_examples.id", ondelete="RESTRICT")
    )
