"""Passages and people inside by interval, of the whole time and of the opening hours."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ovd.domain.sites import Site
from ovd.services.reports.buckets import Interval
from ovd.services.sites.occupancy import DoorRecord, OccupancyPoint, Passage
from ovd.services.sites.period.passing import PassingCount, PassingRecord
from ovd.services.sites.spans import Span, holds, overlap_s, total_s

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class SiteBucket:
    """Passages and people inside in one interval.

    Attributes:
        start_at: Start, aware UTC.
        end_at: End, exclusive, aware UTC.
        entered: People who entered; None where no door was observed.
        left: People who left; likewise.
        doors: Entered and left by door, of the doors that were observed.
        people: Estimate at the end of the interval; None where unknown.
        low: Lower end of its band.
        high: Upper end.
        most: Highest estimate in the interval, by the minute.
        open_s: Seconds in which the site was open.
        coverage: Share of all doors' time that was observed.
        open_coverage: The same of the time in which the site was open; None if it never was.
        entered_outside: Entered while the site was closed.
        left_outside: Left while the site was closed.
        people_s: Seconds that people were inside in the opening hours, summed over them.
        known_s: Open seconds in which the number of people inside was known.
        passing: People who passed by, by door, of the doors with such a line.
        door_coverage: Share of each door's time that was observed.
    """

    start_at: datetime
    end_at: datetime
    entered: int | None
    left: int | None
    doors: Mapping[str, tuple[int, int]]
    people: float | None
    low: float | None
    high: float | None
    most: float | None
    open_s: float
    coverage: float
    open_coverage: float | None
    entered_outside: int
    left_outside: int = 0
    people_s: float = 0.0
    known_s: float = 0.0
    passing: Mapping[str, PassingCount] = field(default_factory=dict)
    door_coverage: Mapping[str, float] = field(default_factory=dict)

    @property
    def length_s(self) -> float:
        """Return the length of the interval in seconds."""
        return (self.end_at - self.start_at).total_seconds()


def sample_times(intervals: Iterable[Interval]) -> list[datetime]:
    """Return when the number of people inside has to be known: every minute, and at the ends."""
    times: set[datetime] = set()
    for interval in intervals:
        at = interval.start_at + _MINUTE
        while at < interval.end_at:
            times.add(at)
            at += _MINUTE
        times.add(interval.end_at)
    return sorted(times)


def merge_buckets(buckets: Sequence[SiteBucket]) -> SiteBucket:
    """Return intervals that follow one another as one.

    Args:
        buckets: At least one, in order of time.
    """
    first, last = buckets[0], buckets[-1]
    seen = [bucket for bucket in buckets if bucket.entered is not None]
    opened = [bucket for bucket in buckets if bucket.open_coverage is not None]
    open_s = sum(bucket.open_s for bucket in opened)
    lengths = sum(bucket.length_s for bucket in buckets)
    covered = dict.fromkeys(name for bucket in buckets for name in bucket.door_coverage)
    return SiteBucket(
        start_at=first.start_at,
        end_at=last.end_at,
        entered=sum(bucket.entered or 0 for bucket in seen) if seen else None,
        left=sum(bucket.left or 0 for bucket in seen) if seen else None,
        doors=_merge_doors(buckets),
        people=last.people,
        low=last.low,
        high=last.high,
        most=max((bucket.most for bucket in buckets if bucket.most is not None), default=None),
        open_s=open_s,
        coverage=sum(bucket.coverage * bucket.length_s for bucket in buckets) / lengths,
        open_coverage=sum((bucket.open_coverage or 0.0) * bucket.open_s for bucket in opened)
        / open_s
        if open_s
        else None,
        entered_outside=sum(bucket.entered_outside for bucket in buckets),
        left_outside=sum(bucket.left_outside for bucket in buckets),
        people_s=sum(bucket.people_s for bucket in buckets),
        known_s=sum(bucket.known_s for bucket in buckets),
        passing=_merge_passing(buckets),
        door_coverage={
            name: sum(bucket.door_coverage.get(name, 0.0) * bucket.length_s for bucket in buckets)
            / lengths
            for name in covered
        },
    )


def _merge_doors(buckets: Sequence[SiteBucket]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for bucket in buckets:
        for name, (entered, left) in bucket.doors.items():
            before = found.get(name, (0, 0))
            found[name] = (before[0] + entered, before[1] + left)
    return found


def _merge_passing(buckets: Sequence[SiteBucket]) -> dict[str, PassingCount]:
    found: dict[str, PassingCount] = {}
    for bucket in buckets:
        for name, count in bucket.passing.items():
            found[name] = found[name] + count if name in found else count
    return found


def build_buckets(
    site: Site,
    record: DoorRecord,
    passing: PassingRecord,
    intervals: Sequence[Interval],
    points: Sequence[OccupancyPoint],
) -> Iterator[SiteBucket]:
    """Yield what happened in each interval.

    Args:
        site: The site.
        record: What is known about its doors.
        passing: What is known about those who passed by.
        intervals: In order, none overlapping.
        points: People inside at `sample_times` of the intervals.
    """
    passages = sorted(record.passages, key=lambda passage: passage.at)
    gaps: dict[str, list[Span]] = {name: [] for name in record.doors}
    for gap in record.unobserved:
        gaps[gap.door].append((gap.start_at, gap.end_at))
    next_passage = next_point = 0
    for interval in intervals:
        while next_passage < len(passages) and passages[next_passage].at < interval.start_at:
            next_passage += 1
        first = next_passage
        while next_passage < len(passages) and passages[next_passage].at < interval.end_at:
            next_passage += 1
        first_point = next_point
        while next_point < len(points) and points[next_point].at <= interval.end_at:
            next_point += 1
        yield _Bucket(
            site,
            interval,
            passages[first:next_passage],
            points[first_point:next_point],
            {name: _cut(spans, interval) for name, spans in gaps.items()},
        ).build(passing)


def _cut(spans: Iterable[Span], interval: Interval) -> list[Span]:
    cut = [(max(begins, interval.start_at), min(ends, interval.end_at)) for begins, ends in spans]
    return [(begins, ends) for begins, ends in cut if begins < ends]


class _Bucket:
    """One interval with what happened in it."""

    def __init__(
        self,
        site: Site,
        interval: Interval,
        passages: Sequence[Passage],
        points: Sequence[OccupancyPoint],
        gaps: Mapping[str, Sequence[Span]],
    ) -> None:
        self._site = site
        self._interval = interval
        self._passages = passages
        self._points = points
        self._gaps = gaps
        self._whole: list[Span] = [(interval.start_at, interval.end_at)]
        self._open = site.hours.open_spans(*interval)

    def build(self, passing: PassingRecord) -> SiteBucket:
        counts = Counter((passage.door, passage.enters) for passage in self._passages)
        outside = Counter(
            passage.enters for passage in self._passages if not holds(self._open, passage.at)
        )
        length = total_s(self._whole)
        covered = {name: 1 - total_s(gaps) / length for name, gaps in self._gaps.items()}
        doors = {
            name: (counts[name, True], counts[name, False])
            for name, share in covered.items()
            if share > 0 or counts[name, True] or counts[name, False]
        }
        last = self._points[-1]
        people_s, known_s = self._people_seconds()
        return SiteBucket(
            *self._interval,
            entered=sum(entered for entered, _ in doors.values()) if doors else None,
            left=sum(left for _, left in doors.values()) if doors else None,
            doors=doors,
            people=last.people,
            low=last.low,
            high=last.high,
            most=max(
                (point.people for point in self._points if point.people is not None), default=None
            ),
            open_s=total_s(self._open),
            coverage=self._coverage(self._whole),
            open_coverage=self._coverage(self._open) if self._open else None,
            entered_outside=outside[True],
            left_outside=outside[False],
            people_s=people_s,
            known_s=known_s,
            passing=passing.count(self._site, self._interval, self._passages, self._gaps),
            door_coverage=covered,
        )

    def _coverage(self, spans: Sequence[Span]) -> float:
        missing = sum(overlap_s(spans, gaps) for gaps in self._gaps.values())
        return max(0.0, 1 - missing / (len(self._gaps) * total_s(spans)))

    def _people_seconds(self) -> tuple[float, float]:
        """Return person-seconds and known seconds of the opening hours."""
        people_s = known_s = 0.0
        if not self._open:
            return people_s, known_s
        before = self._interval.start_at
        for point in self._points:
            if point.people is not None:
                seconds = overlap_s([(before, point.at)], self._open)
                people_s += seconds * point.people
                known_s += seconds
            before = point.at
        return people_s, known_s
