"""Ports of the tracker, and types of stored zone events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ovd.domain.cameras import Camera
from ovd.domain.detections import Detections, Tracks
from ovd.domain.events import CountEvent, Passage
from ovd.domain.frame import Frame
from ovd.domain.query import Query
from ovd.domain.records import CountSelection, Run
from ovd.domain.zones import Zone


class Tracker(Protocol):
    """Tracks the objects of one query through one run."""

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Assign the detections of the next frame to objects.

        Every detection gets an id. Tracks of objects that were not seen for long end by
        themselves, also over a gap.
        """
        ...

    def end_all(self) -> tuple[int, ...]:
        """End every track; return their ids, which are not used again."""
        ...


class TrackerMaker(Protocol):
    """Makes a tracker without objects."""

    def __call__(self, ids: Iterator[int], interval_s: float) -> Tracker:
        """Make it.

        Args:
            ids: Where new ids come from; shared by the trackers of a run.
            interval_s: Seconds between two sampled frames, as far as nothing is missing.
        """
        ...


@dataclass(frozen=True)
class Watch:
    """That the objects of a query were followed at a camera, and from when to when.

    Outside of it nothing is known about tracks and crossings, which is not 0 of them.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        run_id: Key of the run.
        zone: The zone they were watched at; None for following them at all.
        first_at: When the first frame was taken, aware UTC.
        last_at: When the last one was taken, aware UTC.
    """

    camera: str
    query: str
    run_id: int
    zone: Zone | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class PassageRecord:
    """A stored event of a zone.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        run_id: Key of the run; with `track_id` it names the object.
        zone: The zone as it was then.
        track_id: The object.
        passage: What it did.
        at: When, aware UTC.
        dwell_s: Seconds spent inside, for an exit.
    """

    camera: str
    query: str
    run_id: int
    zone: Zone
    track_id: int
    passage: Passage
    at: datetime
    dwell_s: float | None


class ZoneRepository(Protocol):
    """Zones of cameras, what happened at them, and when objects were followed.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def of(self, camera: Camera) -> tuple[Zone, ...]:
        """Return the zones of a camera as they are now, in the order they were given."""
        ...

    def replace(self, camera: Camera, zones: Sequence[Zone]) -> None:
        """Replace the zones of a camera; events of zones that were changed or left out stay.

        Raises:
            ZoneError: If two have the same name.
        """
        ...

    def add_event(self, run: Run, query: Query, event: CountEvent) -> None:
        """Queue what a track did at a zone that was set for the camera."""
        ...

    def add_watch(
        self,
        run: Run,
        query: Query,
        zones: Sequence[Zone],
        first_at: datetime,
        last_at: datetime,
    ) -> None:
        """Queue that a query was followed, at each of the zones too; widens what is known."""
        ...

    def watches(self, selection: CountSelection) -> tuple[Watch, ...]:
        """Return watches that touch the selected time, cut to what retention left."""
        ...

    def passages(self, selection: CountSelection) -> Iterator[PassageRecord]:
        """Yield events of zones in the selected time, by camera, query and time."""
        ...

    def visitors(self, selection: CountSelection) -> tuple[PassageRecord, ...]:
        """Return the entry of each track inside a polygon as the selected time began, oldest first.

        Only where the polygon was watched before and at that moment; none without a start.
        """
        ...
