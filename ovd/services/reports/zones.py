"""Zone totals of a report: events, occupancy and dwell times."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from ovd.domain.events import ZoneEventKind
from ovd.domain.records import CountSelection
from ovd.domain.tracking import TrackedInterval, ZoneEventRecord
from ovd.domain.zones import Zone, zone_kind
from ovd.services.reports.buckets import Interval
from ovd.services.reports.series.store import SeriesZones


@dataclass(frozen=True)
class Occupancy:
    """Occupancy and dwell times of a polygon in an interval.

    Attributes:
        mean_inside: Mean number of objects inside over the observed time; None if that has no
            length.
        max_inside: Highest number of objects inside at once.
        mean_dwell_s: Mean dwell time of visits that ended, including those that began before; None
            if no visit ended.
        median_dwell_s: Median of the same.
        unfinished: Visits whose end was not observed; their length is unknown.
    """

    mean_inside: float | None
    max_inside: int
    mean_dwell_s: float | None
    median_dwell_s: float | None
    unfinished: int


@dataclass(frozen=True)
class ZoneTotal:
    """The events of one query at one zone in the observed part of an interval.

    Attributes:
        camera: Camera name.
        query: Reading of the query.
        zone: Name of the zone.
        observed_s: Seconds of observation; overlapping runs add up.
        count_in: Crossings inwards of a line, entries of a polygon.
        count_out: Crossings outwards, exits.
        occupancy: Occupancy of a polygon; None for a line.
        moved: Whether a zone of this name was moved; all its positions are reported as one.
    """

    camera: str
    query: str
    zone: str
    observed_s: float
    count_in: int
    count_out: int
    occupancy: Occupancy | None
    moved: bool

    @property
    def balance(self) -> int:
        """Return the number of entries minus that of exits."""
        return self.count_in - self.count_out


def read_zone_totals(following: SeriesZones, selection: CountSelection) -> tuple[ZoneTotal, ...]:
    """Sum up the events at every zone that was observed in an interval.

    A zone that was not observed is left out: its counts are unknown, not 0.

    Args:
        following: The store of zone events.
        selection: What to read; its start and end are given.

    Returns:
        Zones by camera, query, name and kind.

    Raises:
        StoreError: If the database cannot be read.
    """
    accumulators: dict[tuple[str, str, str, str], _ZoneAccumulator] = {}
    for tracked in sorted(
        following.tracked_intervals(selection), key=lambda tracked: tracked.first_at
    ):
        interval = _clip(Interval(tracked.first_at, tracked.last_at), selection)
        if tracked.zone is not None and interval is not None:
            accumulator = accumulators.setdefault(_key(tracked, tracked.zone), _ZoneAccumulator())
            accumulator.add_interval(tracked.run_id, tracked.zone, interval)
    if accumulators:
        for record in following.visitors(selection):
            if found := accumulators.get(_key(record, record.zone)):
                found.add_visitor(record)
        for record in following.zone_events(selection):
            if found := accumulators.get(_key(record, record.zone)):
                found.add_event(record)
    return tuple(accumulators[key].finish(*key) for key in sorted(accumulators))


def _key(record: TrackedInterval | ZoneEventRecord, zone: Zone) -> tuple[str, str, str, str]:
    return record.camera, record.query, zone.name, zone_kind(zone)


def _clip(interval: Interval, selection: CountSelection) -> Interval | None:
    """Return the part of an interval in the selected time, None if there is none."""
    start_at, end_at = interval
    if selection.start_at is not None:
        start_at = max(start_at, selection.start_at)
    if selection.end_at is not None:
        end_at = min(end_at, selection.end_at)
    return Interval(start_at, end_at) if start_at <= end_at else None


class _OccupancyCounter:
    """Tracks which objects are inside a polygon in one run; events come in order of time.

    An object that leaves at the instant another enters does not overlap with it; one that enters
    and leaves at the same instant was inside at that instant.
    """

    def __init__(self, start_at: datetime) -> None:
        self.entered_at: dict[int, datetime] = {}
        self.max_inside = 0
        self._instant = start_at
        self._momentary: list[int] = []

    def enter(self, track_id: int, at: datetime) -> None:
        self._advance(at)
        self.entered_at[track_id] = at

    def leave(self, track_id: int, at: datetime) -> None:
        self._advance(at)
        if self.entered_at.get(track_id) == at:
            self._momentary.append(track_id)
        else:
            self.entered_at.pop(track_id, None)

    def finish_instant(self) -> None:
        """Finish the current instant, removing the objects that left at it."""
        self.max_inside = max(self.max_inside, len(self.entered_at))
        for track_id in self._momentary:
            del self.entered_at[track_id]
        self._momentary.clear()

    def _advance(self, at: datetime) -> None:
        if at > self._instant:
            self.finish_instant()
            self._instant = at


class _RunOccupancy:
    """One zone in one run: its observed intervals, and the objects inside."""

    def __init__(self, start_at: datetime) -> None:
        self.inside_counter = _OccupancyCounter(start_at)
        self._intervals: list[Interval] = []

    def add_interval(self, interval: Interval) -> None:
        """Add one more observed interval, later than those before."""
        self._intervals.append(interval)

    @property
    def observed_s(self) -> float:
        return sum((end_at - start_at).total_seconds() for start_at, end_at in self._intervals)

    def observed_inside_s(self, entered_at: datetime, until: datetime | None) -> float:
        """Return the observed seconds of a visit; None is a visit without an end."""
        seconds = 0.0
        for start_at, end_at in self._intervals[
            bisect_left(self._intervals, entered_at, key=_end) :
        ]:
            if until is not None and start_at >= until:
                break
            last = end_at if until is None else min(end_at, until)
            seconds += (last - max(start_at, entered_at)).total_seconds()
        return seconds


def _end(interval: Interval) -> datetime:
    return interval[1]


class _ZoneAccumulator:
    """The running totals of one zone and query."""

    def __init__(self) -> None:
        self._runs: dict[int, _RunOccupancy] = {}
        self._zones_seen: set[Zone] = set()
        self._event_counts = dict.fromkeys(ZoneEventKind, 0)
        self._inside_s = 0.0
        self._dwells_s = array("d")

    def add_interval(self, run_id: int, zone: Zone, interval: Interval) -> None:
        """Add an interval in which the zone was observed, in order of their starts."""
        self._zones_seen.add(zone)
        self._runs.setdefault(run_id, _RunOccupancy(interval[0])).add_interval(interval)

    def add_visitor(self, record: ZoneEventRecord) -> None:
        """Add the entry of an object that was inside from the start."""
        if run := self._runs.get(record.run_id):
            run.inside_counter.enter(record.track_id, record.at)

    def add_event(self, record: ZoneEventRecord) -> None:
        """Add an event, in order of time."""
        self._event_counts[record.kind] += 1
        run = self._runs.get(record.run_id)
        if run is not None and record.kind is ZoneEventKind.ENTER:
            run.inside_counter.enter(record.track_id, record.at)
        if record.dwell_s is not None:
            self._dwells_s.append(record.dwell_s)
            if run is not None:
                run.inside_counter.leave(record.track_id, record.at)
                entered_at = record.at - timedelta(seconds=record.dwell_s)
                self._inside_s += run.observed_inside_s(entered_at, record.at)

    def finish(self, camera: str, query: str, zone: str, kind: str) -> ZoneTotal:
        """Return the totals."""
        is_line = kind == "line"
        in_kind, out_kind = (
            (ZoneEventKind.IN, ZoneEventKind.OUT)
            if is_line
            else (ZoneEventKind.ENTER, ZoneEventKind.EXIT)
        )
        observed_s = sum(run.observed_s for run in self._runs.values())
        return ZoneTotal(
            camera,
            query,
            zone,
            observed_s,
            self._event_counts[in_kind],
            self._event_counts[out_kind],
            None if is_line else self._occupancy(observed_s),
            len(self._zones_seen) > 1,
        )

    def _occupancy(self, observed_s: float) -> Occupancy:
        observed_inside_s, unfinished, max_inside = self._inside_s, 0, 0
        for run in self._runs.values():
            run.inside_counter.finish_instant()
            max_inside = max(max_inside, run.inside_counter.max_inside)
            unfinished += len(run.inside_counter.entered_at)
            observed_inside_s += sum(
                run.observed_inside_s(at, None) for at in run.inside_counter.entered_at.values()
            )
        dwells_s = self._dwells_s
        return Occupancy(
            mean_inside=observed_inside_s / observed_s if observed_s else None,
            max_inside=max_inside,
            mean_dwell_s=fmean(dwells_s) if dwells_s else None,
            median_dwell_s=median(dwells_s) if dwells_s else None,
            unfinished=unfinished,
        )
