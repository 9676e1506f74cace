"""Overlaps: the time in which several typed forms of one reading were counted at once."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ovd.domain.records import CountTotal
from ovd.services.reports.buckets import Interval

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Overlaps:
    """The time that each typed form leaves to another one of the same reading.

    Attributes:
        left: Intervals by typed form, in order and without overlap; only of forms that leave some.
    """

    left: Mapping[str, tuple[Interval, ...]]

    def keeps(self, typed: str, at: datetime) -> bool:
        """Return whether what a typed form counted at a moment is taken."""
        intervals = self.left.get(typed, ())
        place = bisect_right(intervals, at, key=lambda interval: interval.start_at)
        return place == 0 or at >= intervals[place - 1].end_at

    def cut(self, typed: str, first_at: datetime, last_at: datetime) -> list[Interval]:
        """Return the parts of a closed interval of a typed form that are taken, in order."""
        parts: list[Interval] = []
        for start_at, end_at in self.left.get(typed, ()):
            if end_at <= first_at:
                continue
            if start_at > last_at:
                break
            if start_at > first_at:
                parts.append(Interval(first_at, start_at - _INSTANT))
            first_at = end_at
        if first_at <= last_at:
            parts.append(Interval(first_at, last_at))
        return parts


NO_OVERLAPS = Overlaps({})


def choose_totals(totals: Mapping[str, Sequence[CountTotal]]) -> dict[datetime, CountTotal]:
    """Return for each interval the total with the most samples.

    Of equal ones that of the form with more samples in all is taken, so that the choice does not
    change from one interval to the next.

    Args:
        totals: By typed form, each on the same grid.
    """
    samples = {typed: sum(total.samples for total in own) for typed, own in totals.items()}
    chosen: dict[datetime, CountTotal] = {}
    for typed in sorted(totals, key=lambda typed: (-samples[typed], typed)):
        for total in totals[typed]:
            known = chosen.get(total.start_at)
            if known is None or total.samples > known.samples:
                chosen[total.start_at] = total
    return chosen


def find_overlaps(totals: Mapping[str, Sequence[CountTotal]], step_s: int) -> Overlaps:
    """Return what each typed form leaves to others.

    Args:
        totals: By typed form, in intervals of `step_s` seconds.
        step_s: Seconds of an interval.
    """
    chosen = choose_totals(totals)
    owners = sorted((start_at, total.query) for start_at, total in chosen.items())
    left = {
        typed: _merge((start_at for start_at, owner in owners if owner != typed), step_s)
        for typed in totals
    }
    return Overlaps({typed: intervals for typed, intervals in left.items() if intervals})


def _merge(starts: Iterable[datetime], step_s: int) -> tuple[Interval, ...]:
    """Return intervals of `step_s` seconds, those that touch as one."""
    step, merged = timedelta(seconds=step_s), list[Interval]()
    for start_at in starts:
        if merged and merged[-1].end_at == start_at:
            merged[-1] = Interval(merged[-1].start_at, start_at + step)
        else:
            merged.append(Interval(start_at, start_at + step))
    return tuple(merged)
