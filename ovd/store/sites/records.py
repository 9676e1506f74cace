"""SqlSiteRecords: sales, imported counts and kept days of sites."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select
from sqlalchemy.orm import Session

from ovd.domain.names import name_key
from ovd.domain.sites.records import ImportedCount, KeptDay, Sale, SalesTotal
from ovd.store.database import Database
from ovd.store.schema.site_tables import SiteCountRow, SiteDayRow, SiteSaleRow
from ovd.store.schema.tables import ZoneEventRow
from ovd.store.sites.repository import find_site_row
from ovd.store.statements.reading import read_kept_from

_AT_ONCE = 400
_MILLI = 1000


class SqlSiteRecords:
    """Implements `ovd.domain.sites.records.SiteRecords`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add_sales(self, site: str, sales: Sequence[Sale]) -> int:
        """Keep sales whose keys are not known yet; returns how many those were.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be written.
        """

        def add(connection: Connection) -> int:
            site_id = _site_id(connection, site)
            new = {sale.key: sale for sale in sales}
            keys = list(new)
            for first in range(0, len(keys), _AT_ONCE):
                known = select(SiteSaleRow.key).where(
                    SiteSaleRow.site_id == site_id,
                    SiteSaleRow.key.in_(keys[first : first + _AT_ONCE]),
                )
                for key in connection.scalars(known).all():
                    del new[key]
            if new:
                rows = [_sale_values(site_id, sale) for sale in new.values()]
                connection.execute(insert(SiteSaleRow), rows)
            return len(new)

        return self._database.change(add)

    def total_sales(self, site: str, start_at: datetime, end_at: datetime) -> SalesTotal:
        """Return the sales from `start_at` to before `end_at` in short.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be read.
        """
        row = SiteSaleRow
        with self._database.read() as connection:
            statement = select(
                func.coalesce(func.sum(case((row.amount_milli > 0, 1), else_=0)), 0),
                func.coalesce(func.sum(row.amount_milli), 0),
                func.min(row.at),
                func.max(row.at),
            ).where(*_in_range(_site_id(connection, site), start_at, end_at))
            count, milli, first_at, last_at = connection.execute(statement).one()
        return SalesTotal(int(count), Decimal(int(milli)) / _MILLI, first_at, last_at)

    def remove_sales(self, site: str, start_at: datetime, end_at: datetime) -> int:
        """Remove the sales from `start_at` to before `end_at`; returns how many there were.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be removed.
        """

        def remove(connection: Connection) -> int:
            where = _in_range(_site_id(connection, site), start_at, end_at)
            return connection.execute(delete(SiteSaleRow).where(*where)).rowcount

        return self._database.change(remove)

    def add_counts(self, site: str, counts: Sequence[ImportedCount]) -> int:
        """Keep imported counts in the place of those that they overlap; returns how many differ.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be written.
        """

        def add(connection: Connection) -> int:
            site_id = _site_id(connection, site)
            return sum(_add_count(connection, site_id, count) for count in counts)

        return self._database.change(add)

    def counts(self, site: str, start_at: datetime, end_at: datetime) -> Sequence[ImportedCount]:
        """Return imported counts that touch a range, by door and time.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be read.
        """
        row = SiteCountRow
        with self._database.read() as connection, Session(connection) as session:
            statement = (
                select(row)
                .where(
                    row.site_id == _site_id(connection, site),
                    row.start_at < end_at,
                    row.end_at > start_at,
                )
                .order_by(row.door, row.start_at)
            )
            return tuple(_count(found) for found in session.scalars(statement))

    def keep_days(self, site: str, days: Sequence[KeptDay]) -> None:
        """Keep the sums of days; those that are there are replaced.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be written.
        """
        if not days:
            return

        def keep(connection: Connection) -> None:
            site_id = _site_id(connection, site)
            dates = [kept.day for kept in days]
            row = SiteDayRow
            connection.execute(delete(row).where(row.site_id == site_id, row.day.in_(dates)))
            values = [{"site_id": site_id, **vars(kept)} for kept in days]
            connection.execute(insert(row), values)

        self._database.change(keep)

    def days(self, site: str, first: date, last: date) -> Sequence[KeptDay]:
        """Return the kept days from `first` to `last`, both included, in order.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be read.
        """
        row = SiteDayRow
        columns = (row.day, row.start_at, row.end_at, row.settings, row.total, row.hours)
        with self._database.read() as connection:
            statement = select(*columns).where(*_between(connection, site, first, last))
            found = connection.execute(statement.order_by(row.day))
            return tuple(
                KeptDay(day, start_at, end_at, settings, total, hours)
                for day, start_at, end_at, settings, total, hours in found
            )

    def day_totals(self, site: str, first: date, last: date) -> Sequence[KeptDay]:
        """Return kept days as `days` does, without their hours, which is faster.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be read.
        """
        row = SiteDayRow
        columns = (row.day, row.start_at, row.end_at, row.settings, row.total)
        with self._database.read() as connection:
            statement = select(*columns).where(*_between(connection, site, first, last))
            found = connection.execute(statement.order_by(row.day))
            return tuple(
                KeptDay(day, start_at, end_at, settings, total, [])
                for day, start_at, end_at, settings, total in found
            )

    def forget_days(self, site: str, first: date, last: date) -> None:
        """Forget the sums of days, so that they are made anew.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be removed.
        """

        def forget(connection: Connection) -> None:
            where = _between(connection, site, first, last)
            connection.execute(delete(SiteDayRow).where(*where))

        self._database.change(forget)

    def events_kept_from(self) -> datetime | None:
        """Return from when on crossings are still kept; None if none were removed.

        Raises:
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection:
            return read_kept_from(connection, ZoneEventRow.__tablename__)


def _site_id(connection: Connection, name: str) -> int:
    with Session(connection) as session:
        return find_site_row(session, name).id


def _between(
    connection: Connection, site: str, first: date, last: date
) -> list[ColumnElement[bool]]:
    row = SiteDayRow
    return [row.site_id == _site_id(connection, site), row.day >= first, row.day <= last]


def _in_range(site_id: int, start_at: datetime, end_at: datetime) -> list[ColumnElement[bool]]:
    row = SiteSaleRow
    return [row.site_id == site_id, row.at >= start_at, row.at < end_at]


def _sale_values(site_id: int, sale: Sale) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "key": sale.key,
        "at": sale.at,
        "amount_milli": round(sale.amount * _MILLI),
        "register": sale.register,
    }


def _add_count(connection: Connection, site_id: int, count: ImportedCount) -> bool:
    """Keep an imported count; returns whether that changed anything."""
    row, key = SiteCountRow, name_key(count.door)
    overlapping = (
        row.site_id == site_id,
        row.door == key,
        row.start_at < count.end_at,
        row.end_at > count.start_at,
    )
    with Session(connection) as session:
        known = [_count(found) for found in session.scalars(select(row).where(*overlapping))]
    if known == [count]:
        return False
    connection.execute(delete(row).where(*overlapping))
    values = {**vars(count), "door": key, "name": count.door, "site_id": site_id}
    connection.execute(insert(row), values)
    return True


def _count(row: SiteCountRow) -> ImportedCount:
    return ImportedCount(row.name, row.start_at, row.end_at, row.entered, row.left, row.source)
