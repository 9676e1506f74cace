"""What a report says of zones: passages, how many were inside and how long they stayed."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from ovd.domain.events import Passage
from ovd.domain.records import CountSelection
from ovd.domain.tracking import PassageRecord, Watch, ZoneRepository
from ovd.domain.zones import Zone, kind_of

Period = tuple[datetime, datetime]


@dataclass(frozen=True)
class Stay:
    """How a polygon was visited in a stretch of time.

    Attributes:
        mean_inside: Visitors inside at once, on the mean of the time watched; None if that was
            but a moment.
        max_inside: Most visitors inside at once.
        mean_dwell_s: Mean seconds that those stayed who left, also of visits that began before;
            None when nobody left.
        median_dwell_s: Median of the same.
        unfinished: Visits that nobody saw end in it; their length is unknown.
    """

    mean_inside: float | None
    max_inside: int
    mean_dwell_s: float | None
    median_dwell_s: float | None
    unfinished: int


@dataclass(frozen=True)
class ZoneTotal:
    """What one query did at one zone in a stretch of time in which it was watched.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        zone: Name of the zone.
        watched_s: Seconds in which it was watched; those of runs that overlap add up.
        came_in: Crossings inwards of a line, entries of a polygon.
        went_out: Crossings outwards, exits.
        stay: Occupancy and dwell of a polygon; None for a line.
        moved: Whether a zone of this name was moved in it; all its places are told as one.
    """

    camera: str
    query: str
    zone: str
    watched_s: float
    came_in: int
    went_out: int
    stay: Stay | None
    moved: bool

    @property
    def balance(self) -> int:
        """How many more came in than went out."""
        return self.came_in - self.went_out


def read_zone_totals(following: ZoneRepository, selection: CountSelection) -> tuple[ZoneTotal, ...]:
    """Sum up what happened at every zone that was watched in a stretch of time.

    A zone that nobody watched then is not among them: nothing is known of it, which is not 0.

    Args:
        following: Where watches and events are kept.
        selection: What to read; its start and end are given.

    Returns:
        Zones by camera, query, name and kind.

    Raises:
        StoreError: If the database cannot be read.
    """
    gatherings: dict[tuple[str, str, str, str], _Gathering] = {}
    for watch in sorted(following.watches(selection), key=lambda watch: watch.first_at):
        period = _clip((watch.first_at, watch.last_at), selection)
        if watch.zone is not None and period is not None:
            gathering = gatherings.setdefault(_key(watch, watch.zone), _Gathering())
            gathering.watch(watch.run_id, watch.zone, period)
    if gatherings:
        for record in following.visitors(selection):
            if found := gatherings.get(_key(record, record.zone)):
                found.begin(record)
        for record in following.passages(selection):
            if found := gatherings.get(_key(record, record.zone)):
                found.take(record)
    return tuple(gatherings[key].finish(*key) for key in sorted(gatherings))


def _key(of: Watch | PassageRecord, zone: Zone) -> tuple[str, str, str, str]:
    return of.camera, of.query, zone.name, kind_of(zone)


def _clip(period: Period, selection: CountSelection) -> Period | None:
    """The part of a period in the selected time, None if there is none."""
    start_at, end_at = period
    if selection.start_at is not None:
        start_at = max(start_at, selection.start_at)
    if selection.end_at is not None:
        end_at = min(end_at, selection.end_at)
    return (start_at, end_at) if start_at <= end_at else None


class _Presence:
    """Who is inside a polygon in one run; told of entries and exits in the order of time.

    Who leaves as another comes is not inside together with them; who comes and leaves at one
    moment was inside at it.
    """

    def __init__(self, start_at: datetime) -> None:
        self.since: dict[int, datetime] = {}
        self.most = 0
        self._moment = start_at
        self._brief: list[int] = []

    def enter(self, track_id: int, at: datetime) -> None:
        self._advance(at)
        self.since[track_id] = at

    def leave(self, track_id: int, at: datetime) -> None:
        self._advance(at)
        if self.since.get(track_id) == at:
            self._brief.append(track_id)
        else:
            self.since.pop(track_id, None)

    def settle(self) -> None:
        """The moment is over."""
        self.most = max(self.most, len(self.since))
        for track_id in self._brief:
            del self.since[track_id]
        self._brief.clear()

    def _advance(self, at: datetime) -> None:
        if at > self._moment:
            self.settle()
            self._moment = at


class _Run:
    """One zone in one run: when it was watched, and who was in it."""

    def __init__(self, start_at: datetime) -> None:
        self.presence = _Presence(start_at)
        self._periods: list[Period] = []

    def watch(self, period: Period) -> None:
        """Take one more period, later than those before."""
        self._periods.append(period)

    @property
    def watched_s(self) -> float:
        return sum((end_at - start_at).total_seconds() for start_at, end_at in self._periods)

    def inside_s(self, since: datetime, until: datetime | None) -> float:
        """Seconds of a visit that were watched; None is a visit without an end."""
        seconds = 0.0
        for start_at, end_at in self._periods[bisect_left(self._periods, since, key=_end) :]:
            if until is not None and start_at >= until:
                break
            last = end_at if until is None else min(end_at, until)
            seconds += (last - max(start_at, since)).total_seconds()
        return seconds


def _end(period: Period) -> datetime:
    return period[1]


class _Gathering:
    """One zone and query while what is known of them comes in."""

    def __init__(self) -> None:
        self._runs: dict[int, _Run] = {}
        self._places: set[Zone] = set()
        self._passages = dict.fromkeys(Passage, 0)
        self._inside_s = 0.0
        self._dwells_s = array("d")

    def watch(self, run_id: int, zone: Zone, period: Period) -> None:
        """Take a period in which the zone was watched; in the order of their starts."""
        self._places.add(zone)
        self._runs.setdefault(run_id, _Run(period[0])).watch(period)

    def begin(self, record: PassageRecord) -> None:
        """Take the entry of somebody who was inside from the start."""
        if run := self._runs.get(record.run_id):
            run.presence.enter(record.track_id, record.at)

    def take(self, record: PassageRecord) -> None:
        """Take an event, in the order of time."""
        self._passages[record.passage] += 1
        run = self._runs.get(record.run_id)
        if run is not None and record.passage is Passage.ENTER:
            run.presence.enter(record.track_id, record.at)
        if record.dwell_s is not None:
            self._dwells_s.append(record.dwell_s)
            if run is not None:
                run.presence.leave(record.track_id, record.at)
                entered_at = record.at - timedelta(seconds=record.dwell_s)
                self._inside_s += run.inside_s(entered_at, record.at)

    def finish(self, camera: str, query: str, zone: str, kind: str) -> ZoneTotal:
        """The sums."""
        is_line = kind == "line"
        came, went = (Passage.IN, Passage.OUT) if is_line else (Passage.ENTER, Passage.EXIT)
        watched_s = sum(run.watched_s for run in self._runs.values())
        return ZoneTotal(
            camera,
            query,
            zone,
            watched_s,
            self._passages[came],
            self._passages[went],
            None if is_line else self._stay(watched_s),
            len(self._places) > 1,
        )

    def _stay(self, watched_s: float) -> Stay:
        inside_s, unfinished, most = self._inside_s, 0, 0
        for run in self._runs.values():
            run.presence.settle()
            most = max(most, run.presence.most)
            unfinished += len(run.presence.since)
            inside_s += sum(run.inside_s(at, None) for at in run.presence.since.values())
        dwells_s = self._dwells_s
        return Stay(
            mean_inside=inside_s / watched_s if watched_s else None,
            max_inside=most,
            mean_dwell_s=fmean(dwells_s) if dwells_s else None,
            median_dwell_s=median(dwells_s) if dwells_s else None,
            unfinished=unfinished,
        )
