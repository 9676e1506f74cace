"""ORM tables of sites."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ovd.store.schema.columns import BigKey
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


class SiteSaleRow(Base):
    """A transaction at a till of a site; `amount_milli` is its sum in thousandths.

    `key` is its number at the till system, or a checksum, by which it is known again.
    """

    __tablename__ = "site_sales"
    __table_args__ = (UniqueConstraint("site_id", "key"), Index(None, "site_id", "at"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    register: Mapped[str] = mapped_column(Text)


class SiteCountRow(Base):
    """The count of another counter at a door in an interval.

    `door` is the name as `ovd.domain.names.name_key` gives it.
    """

    __tablename__ = "site_counts"
    __table_args__ = (
        UniqueConstraint("site_id", "door", "start_at"),
        CheckConstraint("end_at > start_at", name="order"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    door: Mapped[str] = mapped_column(String(400))
    name: Mapped[str] = mapped_column(Text)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    entered: Mapped[int]
    left: Mapped[int]
    source: Mapped[str] = mapped_column(Text)


class SiteDayRow(Base):
    """The hours of one local day of a site, summed up once; kept when the crossings are not."""

    __tablename__ = "site_days"
    __table_args__ = (UniqueConstraint("site_id", "day"), Index(None, "end_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    day: Mapped[date]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    settings: Mapped[str] = mapped_column(String(64))
    total: Mapped[dict[str, Any]] = mapped_column(JSON)
    hours: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
