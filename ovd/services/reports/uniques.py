"""Unique objects and crossings in the stretches of a report; unknown where nobody was followed."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from typing import Generic, TypeVar

from ovd.domain.events import Passage
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection, TrackRecord
from ovd.domain.tracking import PassageRecord, Watch
from ovd.domain.zones import LineZone

Series = tuple[str, str]  # camera, query text
Record = TypeVar("Record")


@dataclass(frozen=True)
class Movement:
    """What moved in one stretch of time; None where nobody was followed or watched.

    Attributes:
        unique: Different confirmed tracks that were seen in it. One that lasts is in several
            stretches, so these numbers must not be added up.
        crossed_in: Crossings inwards of all lines of the camera together.
        crossed_out: Crossings outwards, likewise.
    """

    unique: int | None = None
    crossed_in: int | None = None
    crossed_out: int | None = None


UNKNOWN = Movement()


class Movements:
    """Reads tracks and events once, in step with the rows of a report."""

    def __init__(self, store: CountStore, selection: CountSelection) -> None:
        self._watches = _by_series(store.zones.watches(selection))
        self._tracks = _Grouped(
            groupby(store.counts.tracks(selection), lambda record: (record.camera, record.query))
        )
        self._passages = _Grouped(
            groupby(store.zones.passages(selection), lambda record: (record.camera, record.query))
        )

    def of(
        self, series: Series, stretches: Iterable[tuple[datetime, datetime]]
    ) -> Iterator[Movement]:
        """The movement in each stretch of a series.

        Args:
            series: Camera and query; asked for in ascending order, each once.
            stretches: Start and end, exclusive, aware; in order and without overlap.
        """
        watches = self._watches.get(series, [])
        followed = _Cover(watch for watch in watches if watch.zone is None)
        watched = _Cover(watch for watch in watches if isinstance(watch.zone, LineZone))
        sightings = _Sightings(self._tracks.take(series))
        crossings = _Crossings(self._passages.take(series))
        for start_at, end_at in stretches:
            unique = sightings.between(start_at, end_at)
            crossed = crossings.before(end_at)
            lines = watched.touches(start_at, end_at)
            yield Movement(
                unique if followed.touches(start_at, end_at) else None,
                crossed[Passage.IN] if lines else None,
                crossed[Passage.OUT] if lines else None,
            )


class _Cover:
    """The time that watches cover; asked for stretches in order."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self._periods: deque[tuple[datetime, datetime]] = deque()
        for first_at, last_at in sorted((watch.first_at, watch.last_at) for watch in watches):
            if self._periods and first_at <= self._periods[-1][1]:
                first_at, earlier = self._periods.pop()
                last_at = max(last_at, earlier)
            self._periods.append((first_at, last_at))

    def touches(self, start_at: datetime, end_at: datetime) -> bool:
        """Whether anything was covered from `start_at` until before `end_at`."""
        while self._periods and self._periods[0][1] < start_at:
            self._periods.popleft()
        return bool(self._periods) and self._periods[0][0] < end_at


class _Sightings:
    """Counts different tracks per stretch; holds only those that last."""

    def __init__(self, records: Iterator[TrackRecord]) -> None:
        self._records = records
        self._next = next(records, None)
        self._present: list[tuple[datetime, int, int]] = []

    def between(self, start_at: datetime, end_at: datetime) -> int:
        """Tracks seen from `start_at` until before `end_at`; a reading of a query adds none."""
        while self._next is not None and self._next.track.first_seen_at < end_at:
            track = self._next.track
            heappush(self._present, (track.last_seen_at, self._next.run_id, track.track_id))
            self._next = next(self._records, None)
        while self._present and self._present[0][0] < start_at:
            heappop(self._present)
        return len({(run_id, track_id) for _, run_id, track_id in self._present})


class _Crossings:
    """Counts crossings per stretch."""

    def __init__(self, records: Iterator[PassageRecord]) -> None:
        self._records = records
        self._next = next(records, None)

    def before(self, end_at: datetime) -> dict[Passage, int]:
        """What happened since it was last asked and before `end_at`."""
        happened = dict.fromkeys(Passage, 0)
        while self._next is not None and self._next.at < end_at:
            happened[self._next.passage] += 1
            self._next = next(self._records, None)
        return happened


class _Grouped(Generic[Record]):
    """Groups by camera and query, handed out in ascending order."""

    def __init__(self, groups: Iterator[tuple[Series, Iterator[Record]]]) -> None:
        self._groups = groups
        self._key, self._records = self._advance()

    def take(self, series: Series) -> Iterator[Record]:
        """The records of one series; those before it are passed over."""
        while self._key is not None and self._key < series:
            self._key, self._records = self._advance()
        return self._records if self._key == series else iter(())

    def _advance(self) -> tuple[Series | None, Iterator[Record]]:
        nothing: tuple[Series | None, Iterator[Record]] = None, iter(())
        return next(self._groups, nothing)


def _by_series(watches: Sequence[Watch]) -> dict[Series, list[Watch]]:
    found: dict[Series, list[Watch]] = {}
    for watch in watches:
        found.setdefault((watch.camera, watch.query), []).append(watch)
    return found
