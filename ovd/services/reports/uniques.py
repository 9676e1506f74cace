"""Unique objects and crossings per bucket of a report; unknown where nothing was tracked."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from typing import Generic, TypeVar

from ovd.domain.events import ZoneEventKind
from ovd.domain.records import CountSelection, TrackRecord
from ovd.domain.tracking import TrackedInterval, ZoneEventRecord
from ovd.domain.zones import LineZone
from ovd.services.reports.buckets import Interval
from ovd.services.reports.series.key import SeriesKey
from ovd.services.reports.series.store import SeriesStore

Record = TypeVar("Record")


@dataclass(frozen=True)
class Movement:
    """Unique objects and crossings in one interval; None where they were not observed.

    Attributes:
        unique: Distinct confirmed tracks seen in it. A long one is in several intervals, so these
            numbers must not be added up.
        crossed_in: Crossings inwards of all lines of the camera together.
        crossed_out: Crossings outwards, likewise.
    """

    unique: int | None = None
    crossed_in: int | None = None
    crossed_out: int | None = None


UNKNOWN = Movement()


class Movements:
    """Reads tracks and zone events once, in step with the rows of a report."""

    def __init__(self, store: SeriesStore, selection: CountSelection) -> None:
        self._tracked_intervals = _by_series(store.zones.tracked_intervals(selection))
        self._tracks = _Grouped(groupby(store.counts.tracks(selection), _key_of))
        self._zone_events = _Grouped(groupby(store.zones.zone_events(selection), _key_of))

    def of(self, series: SeriesKey, intervals: Iterable[Interval]) -> Iterator[Movement]:
        """Yield the movement in each interval of a series.

        Args:
            series: Camera and query; to be requested in ascending order, each once.
            intervals: In order and without overlap.
        """
        tracked_intervals = self._tracked_intervals.get(series, [])
        tracked_time = _CoveredTime(
            interval for interval in tracked_intervals if interval.zone is None
        )
        line_time = _CoveredTime(
            interval for interval in tracked_intervals if isinstance(interval.zone, LineZone)
        )
        uniques = _UniqueCounter(self._tracks.take(series))
        crossings = _CrossingCounter(self._zone_events.take(series))
        for start_at, end_at in intervals:
            unique = uniques.between(start_at, end_at)
            crossed = crossings.before(end_at)
            lines = line_time.touches(start_at, end_at)
            yield Movement(
                unique if tracked_time.touches(start_at, end_at) else None,
                crossed[ZoneEventKind.IN] if lines else None,
                crossed[ZoneEventKind.OUT] if lines else None,
            )


class _CoveredTime:
    """The time that was observed; queried for intervals in order."""

    def __init__(self, tracked_intervals: Iterable[TrackedInterval]) -> None:
        self._intervals: deque[Interval] = deque()
        for first_at, last_at in sorted(
            (interval.first_at, interval.last_at) for interval in tracked_intervals
        ):
            if self._intervals and first_at <= self._intervals[-1][1]:
                first_at, earlier = self._intervals.pop()
                last_at = max(last_at, earlier)
            self._intervals.append(Interval(first_at, last_at))

    def touches(self, start_at: datetime, end_at: datetime) -> bool:
        """Return whether any time from `start_at` until before `end_at` was observed."""
        while self._intervals and self._intervals[0][1] < start_at:
            self._intervals.popleft()
        return bool(self._intervals) and self._intervals[0][0] < end_at


class _UniqueCounter:
    """Counts distinct tracks per interval; holds only the current ones."""

    def __init__(self, records: Iterator[TrackRecord]) -> None:
        self._records = records
        self._next = next(records, None)
        self._present: list[tuple[datetime, int, int]] = []

    def between(self, start_at: datetime, end_at: datetime) -> int:
        """Return the number of tracks seen from `start_at` until before `end_at`.

        Tracks of one run and id count once.

        A reading of a query adds none.
        """
        while self._next is not None and self._next.track.first_seen_at < end_at:
            track = self._next.track
            heappush(self._present, (track.last_seen_at, self._next.run_id, track.track_id))
            self._next = next(self._records, None)
        while self._present and self._present[0][0] < start_at:
            heappop(self._present)
        return len({(run_id, track_id) for _, run_id, track_id in self._present})


class _CrossingCounter:
    """Counts crossings per interval."""

    def __init__(self, records: Iterator[ZoneEventRecord]) -> None:
        self._records = records
        self._next = next(records, None)

    def before(self, end_at: datetime) -> dict[ZoneEventKind, int]:
        """Return the events by kind since the previous call and before `end_at`."""
        counts = dict.fromkeys(ZoneEventKind, 0)
        while self._next is not None and self._next.at < end_at:
            counts[self._next.kind] += 1
            self._next = next(self._records, None)
        return counts


class _Grouped(Generic[Record]):
    """Records grouped by series, read in ascending order."""

    def __init__(self, groups: Iterator[tuple[SeriesKey, Iterator[Record]]]) -> None:
        self._groups = groups
        self._key, self._records = self._advance()

    def take(self, series: SeriesKey) -> Iterator[Record]:
        """Return the records of one series; those before it are skipped."""
        while self._key is not None and self._key < series:
            self._key, self._records = self._advance()
        return self._records if self._key == series else iter(())

    def _advance(self) -> tuple[SeriesKey | None, Iterator[Record]]:
        end: tuple[SeriesKey | None, Iterator[Record]] = None, iter(())
        return next(self._groups, end)


def _key_of(record: TrackRecord | ZoneEventRecord | TrackedInterval) -> SeriesKey:
    return SeriesKey(record.camera, record.query)


def _by_series(
    tracked_intervals: Sequence[TrackedInterval],
) -> dict[SeriesKey, list[TrackedInterval]]:
    found: dict[SeriesKey, list[TrackedInterval]] = {}
    for interval in tracked_intervals:
        found.setdefault(_key_of(interval), []).append(interval)
    return found
