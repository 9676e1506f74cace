"""SalesService: transactions of tills, from a file or one by one; the same are kept once."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ovd.domain.ports import Clock
from ovd.domain.sites import Site, SiteRepository
from ovd.domain.sites.records import Sale, SalesTotal, SiteRecords
from ovd.domain.time_zones import load_zone
from ovd.errors import SalesError
from ovd.services.sites.imports.rows import Cells, read_rows

COLUMNS = ("time", "amount")
# So many sales show whether they are of the site's zone.
LEAST_JUDGED = 10
LARGEST_OUTSIDE = 0.5
_AROUND_HOURS = timedelta(minutes=30)
_AHEAD = timedelta(days=1)
_KEY_LENGTH = 64


@dataclass(frozen=True)
class SalesImport:
    """The outcome of an import.

    Attributes:
        read: Transactions in it.
        added: How many of them were not known before.
        first_at: The first, aware UTC.
        last_at: The last.
    """

    read: int
    added: int
    first_at: datetime
    last_at: datetime


class SalesService:
    """Keeps the transactions of sites."""

    def __init__(self, sites: SiteRepository, records: SiteRecords, clock: Clock) -> None:
        """Work on a database.

        Args:
            sites: The sites.
            records: Their transactions.
            clock: The time.
        """
        self._sites = sites
        self._records = records
        self._clock = clock

    def add_file(self, name: str, text: str, tz: str = "", force: bool = False) -> SalesImport:
        """Keep the transactions of a CSV file with the columns time, amount, register and id.

        Args:
            name: The site.
            text: The file; `register` and `id` may be absent.
            tz: Zone of times without an offset; empty takes that of the site.
            force: Keep them although most lie outside the opening hours.

        Raises:
            UnknownSiteError: If there is no site of that name.
            SalesError: If a line cannot be read, or most lie outside the opening hours.
        """
        site = self._sites.find(name)
        zone = load_zone(tz) if tz else site.hours.zone
        return self.add(name, read_rows(text, COLUMNS, zone, SalesError, _read_sale), force)

    def add(self, name: str, sales: Sequence[Sale], force: bool = False) -> SalesImport:
        """Keep transactions; those that are known by their key are left as they are.

        Raises:
            UnknownSiteError: If there is no site of that name.
            SalesError: If one lies ahead, or most lie outside the opening hours.
        """
        site = self._sites.find(name)
        if not sales:
            raise SalesError("there is no transaction; give at least one")
        latest = max(sale.at for sale in sales)
        if latest > self._clock.now() + _AHEAD:
            raise SalesError(
                f"a sale is of {latest.isoformat()}, which lies ahead; check the times and the zone"
            )
        if not force:
            _require_open(site, sales)
        added = self._records.add_sales(name, with_keys(sales))
        return SalesImport(len(sales), added, min(sale.at for sale in sales), latest)

    def total(self, name: str, start_at: datetime, end_at: datetime) -> SalesTotal:
        """Return the transactions of a period in short; see `SiteRecords.total_sales`."""
        return self._records.total_sales(name, start_at, end_at)

    def remove(self, name: str, start_at: datetime, end_at: datetime) -> int:
        """Remove the transactions of a period; see `SiteRecords.remove_sales`."""
        return self._records.remove_sales(name, start_at, end_at)


def with_keys(sales: Sequence[Sale]) -> list[Sale]:
    """Return sales with keys by which they are known again.

    Without a number of its own a sale is known by time, amount and register, and by how many equal
    ones come before it: two equal sales of a file are two, and the same file again adds none.
    """
    equal: Counter[tuple[datetime, str, str]] = Counter()
    keyed = []
    for sale in sales:
        key = f"id {sale.key}"
        if not sale.key:
            same = (sale.at, str(sale.amount.normalize()), sale.register)
            equal[same] += 1
            key = "\x1f".join((sale.at.isoformat(), *same[1:], str(equal[same])))
        if len(key) > _KEY_LENGTH or not sale.key:
            key = hashlib.sha256(key.encode()).hexdigest()
        keyed.append(replace(sale, key=key))
    return keyed


def _read_sale(cells: Cells) -> Sale:
    return Sale(
        cells.moment("time"), cells.number("amount"), cells.text("register"), cells.text("id")
    )


def _require_open(site: Site, sales: Sequence[Sale]) -> None:
    """Refuse sales most of which lie outside the opening hours: their zone is probably another."""
    if not site.hours.weekly or len(sales) < LEAST_JUDGED:
        return
    outside = [sale for sale in sales if not _is_near_open(site, sale.at)]
    if len(outside) > LARGEST_OUTSIDE * len(sales):
        raise SalesError(
            f"{len(outside)} of {len(sales)} sales lie outside the opening hours of "
            f"{site.name!r} ({site.hours.zone.key}); are their times of another zone? give it, or "
            "say that they are right"
        )


def _is_near_open(site: Site, at: datetime) -> bool:
    return bool(site.hours.open_spans(at - _AROUND_HOURS, at + _AROUND_HOURS))
