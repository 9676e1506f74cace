"""Sales, imported counts and kept days in dictionaries."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from ovd.domain.names import name_key
from ovd.domain.sites import SiteRepository
from ovd.domain.sites.records import ImportedCount, KeptDay, Sale, SalesTotal


class MemorySiteRecords:
    """A SiteRecords in dictionaries."""

    def __init__(self, sites: SiteRepository) -> None:
        self._sites = sites
        self._sales: dict[tuple[str, str], Sale] = {}
        self._counts: dict[str, list[ImportedCount]] = {}
        self._days: dict[tuple[str, date], KeptDay] = {}
        self.kept_from: datetime | None = None

    def add_sales(self, site: str, sales: Sequence[Sale]) -> int:
        before = len(self._sales)
        for sale in sales:
            self._sales.setdefault((self._key(site), sale.key), sale)
        return len(self._sales) - before

    def total_sales(self, site: str, start_at: datetime, end_at: datetime) -> SalesTotal:
        found = [sale for _, sale in self._within(site, start_at, end_at)]
        times = [sale.at for sale in found]
        return SalesTotal(
            sum(sale.amount > 0 for sale in found),
            sum((sale.amount for sale in found), Decimal(0)),
            min(times, default=None),
            max(times, default=None),
        )

    def remove_sales(self, site: str, start_at: datetime, end_at: datetime) -> int:
        found = self._within(site, start_at, end_at)
        for key, _ in found:
            del self._sales[key]
        return len(found)

    def add_counts(self, site: str, counts: Sequence[ImportedCount]) -> int:
        own = self._counts.setdefault(self._key(site), [])
        changed = 0
        for count in counts:
            same = [
                known
                for known in own
                if name_key(known.door) == name_key(count.door)
                and known.start_at < count.end_at
                and known.end_at > count.start_at
            ]
            if same != [count]:
                own[:] = [known for known in own if known not in same] + [count]
                changed += 1
        return changed

    def counts(self, site: str, start_at: datetime, end_at: datetime) -> Sequence[ImportedCount]:
        return sorted(
            (
                count
                for count in self._counts.get(self._key(site), [])
                if count.start_at < end_at and count.end_at > start_at
            ),
            key=lambda count: (name_key(count.door), count.start_at),
        )

    def keep_days(self, site: str, days: Sequence[KeptDay]) -> None:
        self._days |= {(self._key(site), kept.day): kept for kept in days}

    def days(self, site: str, first: date, last: date) -> Sequence[KeptDay]:
        key = self._key(site)
        return [
            kept
            for (own, day), kept in sorted(self._days.items())
            if own == key and first <= day <= last
        ]

    def day_totals(self, site: str, first: date, last: date) -> Sequence[KeptDay]:
        return self.days(site, first, last)

    def forget_days(self, site: str, first: date, last: date) -> None:
        for kept in self.days(site, first, last):
            del self._days[self._key(site), kept.day]

    def events_kept_from(self) -> datetime | None:
        return self.kept_from

    def forget(self, key: str) -> None:
        self._sales = {keys: sale for keys, sale in self._sales.items() if keys[0] != key}
        self._days = {keys: kept for keys, kept in self._days.items() if keys[0] != key}
        self._counts.pop(key, None)

    def _key(self, site: str) -> str:
        return name_key(self._sites.find(site).name)

    def _within(
        self, site: str, start_at: datetime, end_at: datetime
    ) -> list[tuple[tuple[str, str], Sale]]:
        key = self._key(site)
        return [
            (keys, sale)
            for keys, sale in self._sales.items()
            if keys[0] == key and start_at <= sale.at < end_at
        ]
