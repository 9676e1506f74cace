"""A period of a site in short: rates, shares, mean stay, presence after closing, best hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from ovd.domain.sites import Site
from ovd.domain.sites.records import SalesTotal
from ovd.services.sites.period.buckets import SiteBucket, merge_buckets
from ovd.services.sites.period.passing import PassingCount

# Conditions of the mean stay by Little's law.
LEAST_COVERAGE = 0.9
LEAST_PASSAGES = 30
LARGEST_IMBALANCE = 0.1
# Hours that were hardly observed are neither the best nor the worst.
LEAST_HOUR_COVERAGE = 0.9
_LONGEST_HOUR_S = 3600.0


class NoStay(StrEnum):
    """Reasons for which the mean stay is not told."""

    FEW = "few_passages"
    UNOBSERVED = "not_observed"
    UNBALANCED = "unbalanced"


@dataclass(frozen=True)
class DoorShare:
    """One door of a site in a period.

    Attributes:
        name: Its name.
        entered: People who entered; None where it was not observed.
        left: People who left; likewise.
        share: Share of all who entered; None where any door was not observed, or no one entered.
        coverage: Share of its time that was observed.
        passing: Who passed by in front of it; None without a line for that.
    """

    name: str
    entered: int | None
    left: int | None
    share: float | None
    coverage: float
    passing: PassingCount | None


@dataclass(frozen=True)
class AfterClosing:
    """The hour after the site has closed.

    Attributes:
        closed_at: When it closed, aware UTC.
        people: Inside at the end of that hour; None where unknown.
        low: Lower end of its band.
        high: Upper end.
    """

    closed_at: datetime
    people: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class PeriodSummary:
    """A period of a site in short.

    Attributes:
        site: The site.
        total: The whole period.
        doors: Each door.
        passing: All doors with a line for those who pass by; None without any.
        mean_people: Mean number inside in the opening hours; None where unknown.
        mean_stay_s: Mean time that a visit takes; None where its conditions are not met.
        no_stay: Why it is not told; None if it is.
        peak: The hour with most people inside; None where unknown. Longer periods have days here.
        best: The open hour in which most people entered; None where no hour was observed.
        worst: The whole open hour in which fewest entered; likewise.
        after_closing: What the hours after closing held; nothing of longer periods.
        sales: Transactions in the period; None where none were ever imported for it.
    """

    site: Site
    total: SiteBucket
    doors: tuple[DoorShare, ...]
    passing: PassingCount | None
    mean_people: float | None
    mean_stay_s: float | None
    no_stay: NoStay | None
    peak: SiteBucket | None
    best: SiteBucket | None
    worst: SiteBucket | None
    after_closing: tuple[AfterClosing, ...]
    sales: SalesTotal | None

    @property
    def entered_open(self) -> int | None:
        """Return who entered while the site was open; None where not observed."""
        entered = self.total.entered
        return None if entered is None else entered - self.total.entered_outside

    @property
    def conversion(self) -> float | None:
        """Return transactions by visitor; None where either is unknown, or no one came."""
        if self.sales is None or not self.entered_open or not self._is_whole:
            return None
        return self.sales.count / self.entered_open

    @property
    def sales_per_visitor(self) -> float | None:
        """Return sales by visitor; None likewise."""
        if self.sales is None or not self.entered_open or not self._is_whole:
            return None
        return float(self.sales.amount) / self.entered_open

    @property
    def visitors_per_open_hour(self) -> float | None:
        """Return who entered by observed open hour; None where none was observed."""
        seen_s = self.total.open_s * (self.total.open_coverage or 0.0)
        return (
            self.entered_open / seen_s * 3600 if seen_s and self.entered_open is not None else None
        )

    @property
    def _is_whole(self) -> bool:
        return (self.total.open_coverage or 0.0) >= LEAST_COVERAGE


def summarise(
    site: Site,
    hours: Sequence[SiteBucket],
    sales: SalesTotal | None,
) -> PeriodSummary:
    """Return a period in short.

    Args:
        site: The site.
        hours: Its hours, at least one, in order.
        sales: Transactions in it; None where none were imported.
    """
    total = merge_buckets(hours)
    stay_s, no_stay = _mean_stay(total)
    full = [
        hour
        for hour in hours
        if hour.open_s >= 3600
        and hour.entered is not None
        and (hour.open_coverage or 0.0) >= LEAST_HOUR_COVERAGE
    ]
    known = [hour for hour in hours if hour.most is not None]
    passing = list(total.passing.values())
    return PeriodSummary(
        site=site,
        total=total,
        doors=tuple(_doors(site, total)),
        passing=sum(passing[1:], passing[0]) if passing else None,
        mean_people=total.people_s / total.known_s if total.known_s else None,
        mean_stay_s=stay_s,
        no_stay=no_stay,
        peak=max(known, key=lambda hour: hour.most or 0.0, default=None),
        best=max(full, key=lambda hour: hour.entered or 0, default=None),
        worst=min(full, key=lambda hour: hour.entered or 0, default=None),
        after_closing=tuple(_after_closing(hours)),
        sales=sales,
    )


def _doors(site: Site, total: SiteBucket) -> list[DoorShare]:
    entered = total.entered or 0
    is_whole = all(total.door_coverage.get(door.name, 0.0) > 0 for door in site.doors)
    found = []
    for door in site.doors:
        counts = total.doors.get(door.name)
        share = counts[0] / entered if counts and entered and is_whole else None
        found.append(
            DoorShare(
                door.name,
                None if counts is None else counts[0],
                None if counts is None else counts[1],
                share,
                total.door_coverage.get(door.name, 0.0),
                total.passing.get(door.name),
            )
        )
    return found


def _mean_stay(total: SiteBucket) -> tuple[float | None, NoStay | None]:
    """Return the mean stay by Little's law: people inside over people leaving by time.

    It holds where about as many enter as leave; else people who stay beyond the period, or errors
    of the doors, would make it wrong.
    """
    if total.entered is None or total.left is None or not total.open_s:
        return None, NoStay.UNOBSERVED
    if (total.open_coverage or 0.0) < LEAST_COVERAGE or total.known_s < (
        LEAST_COVERAGE * total.open_s
    ):
        return None, NoStay.UNOBSERVED
    both = total.entered + total.left
    if both < 2 * LEAST_PASSAGES:
        return None, NoStay.FEW
    if abs(total.entered - total.left) > LARGEST_IMBALANCE * both / 2:
        return None, NoStay.UNBALANCED
    return total.people_s / (both / 2) * (total.open_s / total.known_s), None


def _after_closing(hours: Sequence[SiteBucket]) -> list[AfterClosing]:
    """Return what the hours in which the site was closed, after one in which it was open, held."""
    found = []
    for before, after in pairwise(hours):
        # An hour that is not over tells nothing yet.
        is_hour = after.length_s == _LONGEST_HOUR_S
        if is_hour and before.open_s > 0 and not after.open_s:
            closed_at = before.start_at + timedelta(seconds=before.open_s)
            found.append(AfterClosing(closed_at, after.people, after.low, after.high))
    return found
