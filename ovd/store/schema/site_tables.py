"""ORM tables of sites."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovd.store.schema.tables import Base


class SiteRow(Base):
    """A site as it is set now; `description` is what `parse_site` reads.

    `key` is the name as `ovd.domain.names.name_key` gives it: two sites never share one.
    """

    __tablename__ = "sites"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(400))
    description: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class SiteResetRow(Base):
    """A number of people inside that was set by hand."""

    __tablename__ = "site_resets"
    __table_args__ = (
        UniqueConstraint("site_id", "at"),
        CheckConstraint("people >= 0", name="people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    people: Mapped[int]
    by: Mapped[str] = mapped_column(Text)


class DisplayRow(Base):
    """A screen that shows a site; of its secret only the hash is kept.

    `key` is the name as `ovd.domain.names.name_key` gives it.
    """

    __tablename__ = "displays"
    __table_args__ = (UniqueConstraint("site_id", "key"), UniqueConstraint("secret_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(400))
    name: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(String(64))
    paired_by: Mapped[str] = mapped_column(Text)
    paired_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
