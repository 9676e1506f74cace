"""Newest counts of cameras, taken from events, and totals of crossings."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.events import FrameResult, QueryCount, ZoneEventKind, ZoneTally
from ovd.domain.records import Run
from ovd.services.events import Event, FrameCounted

_IN = (ZoneEventKind.IN, ZoneEventKind.ENTER)
_OUT = (ZoneEventKind.OUT, ZoneEventKind.EXIT)


@dataclass(frozen=True)
class CountedNow:
    """Counts of one query in the newest frame; of those not judged, see `QueryCount`."""

    query: str
    read_as: str
    count: int
    pending: int
    unknown: int

    @classmethod
    def of(cls, item: QueryCount) -> "CountedNow":
        """Return the numbers of a count, without its query's prompts and embeddings."""
        return cls(item.query.text, item.query.read_as, item.count, item.pending, item.unknown)


@dataclass(frozen=True)
class CrossedNow:
    """Objects of one query that crossed a line, or entered and left an area, in this run."""

    zone: str
    query: str
    crossed_in: int
    crossed_out: int

    @classmethod
    def of(cls, tally: ZoneTally) -> "CrossedNow":
        """Return the numbers of a tally."""
        counts = tally.event_counts
        return cls(
            tally.zone.name,
            tally.query,
            sum(counts.get(kind, 0) for kind in _IN),
            sum(counts.get(kind, 0) for kind in _OUT),
        )


@dataclass(frozen=True)
class Observation:
    """The newest counted frame of a camera, without its image.

    Attributes:
        camera: Name of the camera.
        run_id: Key of the run.
        captured_at: When the frame was taken, aware UTC.
        counts: One entry per query.
        crossings: One entry per zone and query.
    """

    camera: str
    run_id: int
    captured_at: datetime
    counts: tuple[CountedNow, ...]
    crossings: tuple[CrossedNow, ...]

    @classmethod
    def of(cls, run: Run, result: FrameResult) -> "Observation":
        """Return what a frame showed."""
        return cls(
            run.camera.name,
            run.id,
            result.frame.captured_at,
            tuple(map(CountedNow.of, result.counts)),
            tuple(map(CrossedNow.of, result.zones)),
        )


class NewestObservations:
    """Keeps the newest observation of every camera until it is taken: never more than one each.

    Subscribe `handle` to an `EventHub`. Every method may be called from any thread.
    """

    def __init__(self) -> None:
        """Start without any."""
        self._changed = threading.Condition()
        self._newest: dict[str, Observation] = {}
        self._something_else = False

    def handle(self, event: Event) -> None:
        """Take over what an event tells; returns at once."""
        with self._changed:
            if isinstance(event, FrameCounted):
                observation = Observation.of(event.run, event.result)
                self._newest[observation.camera] = observation
            else:
                self._something_else = True
            self._changed.notify_all()

    def wake(self) -> None:
        """End a wait."""
        with self._changed:
            self._something_else = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> tuple[tuple[Observation, ...], bool]:
        """Wait for something to happen, at most this long.

        Returns:
            What was counted since, and whether something else happened.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._something_else, timeout_s)
            newest, self._newest = tuple(self._newest.values()), {}
            something_else, self._something_else = self._something_else, False
            return newest, something_else


class CrossingTotals:
    """Sums of crossings over the runs of a camera since the start; they never fall."""

    def __init__(self) -> None:
        """Start at zero."""
        self._totals: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._newest: dict[tuple[str, str, str], tuple[int, int, int]] = {}

    def add(self, observation: Observation) -> Iterable[tuple[CrossedNow, int, int]]:
        """Return every entry of an observation with its totals in and out."""
        for item in observation.crossings:
            key = (observation.camera, item.zone, item.query)
            run_id, before_in, before_out = self._newest.get(key, (0, 0, 0))
            if run_id != observation.run_id:
                before_in = before_out = 0
            total_in, total_out = self._totals.get(key, (0, 0))
            total_in += max(0, item.crossed_in - before_in)
            total_out += max(0, item.crossed_out - before_out)
            self._totals[key] = (total_in, total_out)
            self._newest[key] = (observation.run_id, item.crossed_in, item.crossed_out)
            yield item, total_in, total_out

    def forget(self, camera: str) -> None:
        """Drop the totals of a camera that was removed."""
        for table in (self._totals, self._newest):
            for key in [key for key in table if key[0] == camera]:
                del table[key]
