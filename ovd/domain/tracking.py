"""Ports of the tracker, and types of stored zone events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ovd.domain.cameras import Camera
from ovd.domain.detections import Detections, Tracks
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.frame import Frame
from ovd.domain.query import Query
from ovd.domain.records import CountSelection, Run
from ovd.domain.zones import Zone


class Tracker(Protocol):
    """Tracks the objects of one query through one run."""

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Assign the detections of the next frame to objects.

        Every detection gets an id. Tracks without a detection for long end by themselves, also over
        a gap.
        """
        ...

    def end_all(self) -> tuple[int, ...]:
        """End every track; return their ids, which are not used again."""
        ...


class TrackerFactory(Protocol):
    """Creates a tracker without objects."""

    def __call__(self, ids: Iterator[int], interval_s: float) -> Tracker:
        """Create the tracker.

        Args:
            ids: Where new ids come from; shared by the trackers of a run.
            interval_s: Seconds between two sampled frames, as far as nothing is missing.
        """
        ...


@dataclass(frozen=True)
class TrackedInterval:
    """An interval in which the objects of a query were tracked at a camera.

    Outside of it tracks and crossings are unknown, which is not 0 of them.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        run_id: Key of the run.
        zone: The observed zone; None for tracking as such.
        first_at: Capture time of the first frame, aware UTC.
        last_at: Capture time of the last frame, aware UTC.
    """

    camera: str
    query: str
    run_id: int
    zone: Zone | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class ZoneEventRecord:
    """A stored zone event.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        run_id: Key of the run; together with `track_id` it identifies the object.
        zone: The zone as it was then.
        track_id: Id of the object.
        kind: The kind of event.
        at: When, aware UTC.
        dwell_s: Seconds spent inside, for an exit.
    """

    camera: str
    query: str
    run_id: int
    zone: Zone
    track_id: int
    kind: ZoneEventKind
    at: datetime
    dwell_s: float | None


class ZoneRepository(Protocol):
    """Zones of cameras, their events, and the intervals in which objects were tracked.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def of(self, camera: Camera) -> tuple[Zone, ...]:
        """Return the current zones of a camera, in the order they were given."""
        ...

    def replace(self, camera: Camera, zones: Sequence[Zone]) -> None:
        """Replace the zones of a camera; events of changed or removed zones stay.

        Raises:
            ZoneError: If two have the same name.
        """
        ...

    def add_event(self, run: Run, query: Query, event: CountEvent) -> None:
        """Queue an event of a track at a zone of the camera."""
        ...

    def add_tracked_interval(
        self,
        run: Run,
        query: Query,
        zones: Sequence[Zone],
        first_at: datetime,
        last_at: datetime,
    ) -> None:
        """Queue that a query was tracked, and at which zones; extends a known interval."""
        ...

    def tracked_intervals(self, selection: CountSelection) -> tuple[TrackedInterval, ...]:
        """Return the tracked intervals that touch the selected time, cut to what was kept."""
        ...

    def zone_events(self, selection: CountSelection) -> Iterator[ZoneEventRecord]:
        """Yield the zone events in the selected time, by camera, query and time."""
        ...

    def visitors(self, selection: CountSelection) -> tuple[ZoneEventRecord, ...]:
        """Return the entries of the objects inside a polygon at the start of the selected time.

        Oldest first; only of polygons that were observed before and at that time; none without a
        start.

        Only where the polygon was watched before and at that moment; none without a start.
        """
        ...
