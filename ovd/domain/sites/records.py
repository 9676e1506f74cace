"""Records of a site beside its settings: sales, imported counts, sums of whole days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from ovd.domain.frame import require_aware
from ovd.domain.sites.description import Value
from ovd.domain.sites.door import MAX_SITE_NAME
from ovd.errors import SalesError, SiteError

MOST_AMOUNT = Decimal(1_000_000_000)
MOST_COUNTED = 1_000_000


@dataclass(frozen=True)
class Sale:
    """A transaction at a till.

    Attributes:
        at: When, aware UTC.
        amount: Its sum; negative for a refund.
        register: Name of the till; may be empty.
        key: Its number at the till system, by which it is known again; see `ovd.services.sites`.

    Raises:
        SalesError: If a value is out of range.
    """

    at: datetime
    amount: Decimal
    register: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at, "a sale")
        if not self.amount.is_finite() or abs(self.amount) > MOST_AMOUNT:
            raise SalesError(f"a sale has the amount {self.amount}; up to {MOST_AMOUNT} is wanted")
        if len(self.register) > MAX_SITE_NAME:
            raise SalesError(f"a register's name has more than {MAX_SITE_NAME} characters")


@dataclass(frozen=True)
class SalesTotal:
    """The sales of a period.

    Attributes:
        count: Number of transactions; refunds are not among them.
        amount: Their sum, less refunds.
        first_at: The first, aware UTC; None without any.
        last_at: The last; likewise.
    """

    count: int = 0
    amount: Decimal = Decimal(0)
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class ImportedCount:
    """The count of another counter at a door in an interval.

    Attributes:
        door: Name of the door.
        start_at: Start, aware UTC.
        end_at: End, exclusive, aware UTC.
        entered: People who entered.
        left: People who left.
        source: Where it comes from, such as the name of a file.

    Raises:
        SiteError: If a value is out of range.
    """

    door: str
    start_at: datetime
    end_at: datetime
    entered: int
    left: int
    source: str = ""

    def __post_init__(self) -> None:
        require_aware(self.start_at, "an imported count")
        require_aware(self.end_at, "an imported count")
        if self.end_at <= self.start_at:
            raise SiteError(f"an imported count ends at {self.end_at}, not after its start")
        for value in (self.entered, self.left):
            if not 0 <= value <= MOST_COUNTED:
                raise SiteError(f"an imported count is {value}; 0 to {MOST_COUNTED} is wanted")


@dataclass(frozen=True)
class KeptDay:
    """The hours of one local day of a site, as they were summed up when it was over.

    Attributes:
        day: The local date.
        start_at: Its start, aware UTC.
        end_at: Its end, exclusive, aware UTC.
        settings: Checksum of the settings by which it was summed up.
        total: The sums of the whole day, as plain values.
        hours: Those of each hour, likewise.
    """

    day: date
    start_at: datetime
    end_at: datetime
    settings: str
    total: dict[str, Value]
    hours: list[dict[str, Value]]


class SiteRecords(Protocol):
    """Sales, imported counts and kept days of sites. Names are compared without case.

    Raises:
        UnknownSiteError: From every method with a site, if there is none of that name.
        StoreError: From every method, when the database cannot be used.
    """

    def add_sales(self, site: str, sales: Sequence[Sale]) -> int:
        """Keep sales whose keys are not known yet; returns how many those were."""
        ...

    def total_sales(self, site: str, start_at: datetime, end_at: datetime) -> SalesTotal:
        """Return the sales from `start_at` to before `end_at` in short."""
        ...

    def remove_sales(self, site: str, start_at: datetime, end_at: datetime) -> int:
        """Remove the sales from `start_at` to before `end_at`; returns how many there were."""
        ...

    def add_counts(self, site: str, counts: Sequence[ImportedCount]) -> int:
        """Keep imported counts; they take the place of those of the same door that they overlap.

        Returns:
            How many are new or differ from what was there.
        """
        ...

    def counts(self, site: str, start_at: datetime, end_at: datetime) -> Sequence[ImportedCount]:
        """Return imported counts that touch a range, by door and time."""
        ...

    def keep_days(self, site: str, days: Sequence[KeptDay]) -> None:
        """Keep the sums of days; those that are there are replaced."""
        ...

    def days(self, site: str, first: date, last: date) -> Sequence[KeptDay]:
        """Return the kept days from `first` to `last`, both included, in order."""
        ...

    def day_totals(self, site: str, first: date, last: date) -> Sequence[KeptDay]:
        """Return kept days as `days` does, without their hours, which is faster."""
        ...

    def forget_days(self, site: str, first: date, last: date) -> None:
        """Forget the sums of days, so that they are made anew."""
        ...

    def events_kept_from(self) -> datetime | None:
        """Return from when on crossings are still kept; None if none were removed."""
        ...
