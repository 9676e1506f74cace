"""Reading of what happened at the doors of a site."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ovd.domain.events import ZoneEventKind
from ovd.domain.names import name_key
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection
from ovd.domain.sites import Door, Site, SiteRepository
from ovd.domain.zones import zone_kind
from ovd.services.sites.occupancy import Correction, DoorRecord, Passage, RoomCount, Unobserved

# A frame stands for the time until the next one: holes this short are between two frames.
LARGEST_HOLE = timedelta(seconds=5)
# Counts of neighbouring minutes hold the same people: one in ten minutes is independent enough.
ROOM_EVERY_S = 600
LONGEST_SEARCH = timedelta(days=15)
Span = tuple[datetime, datetime]


class DoorReader:
    """Reads passages, unobserved time, resets and room counts of sites."""

    def __init__(self, sites: SiteRepository, store: CountStore) -> None:
        """Read from a database.

        Args:
            sites: The sites.
            store: What was counted.
        """
        self._sites = sites
        self._store = store

    def read(self, site: Site, start_at: datetime, end_at: datetime) -> DoorRecord:
        """Return what is known about a site from the last reset before a range on.

        Args:
            site: The site.
            start_at: Start of the range, aware.
            end_at: Its end, exclusive, aware.

        Raises:
            StoreError: If the database cannot be read.
        """
        begins = self.last_reset(site, start_at)
        selection = CountSelection(
            tuple({door.camera for door in site.doors}), (site.query,), begins.at, end_at
        )
        doors = {(name_key(door.camera), name_key(door.line)): door for door in site.doors}
        return DoorRecord(
            begins.at,
            end_at,
            tuple(door.name for door in site.doors),
            tuple(self._passages(selection, doors)),
            tuple(self._unobserved(selection, doors, begins.at, end_at)),
            (begins, *self._corrections(site, begins.at + timedelta(microseconds=1), end_at)),
            tuple(self._room_counts(site, begins.at, end_at)),
        )

    def last_reset(self, site: Site, before: datetime) -> Correction:
        """Return the last reset at or before a time; the search ends after two weeks."""
        earliest = before - LONGEST_SEARCH
        found = self._corrections(site, earliest, before + timedelta(microseconds=1))
        return max(found, key=lambda reset: reset.at, default=Correction(earliest))

    def _corrections(
        self, site: Site, start_at: datetime, end_at: datetime
    ) -> tuple[Correction, ...]:
        if start_at >= end_at:
            return ()
        automatic = site.reset.between(start_at, end_at, site.hours)
        by_hand = self._sites.resets(site.name, start_at, end_at)
        return (
            *(Correction(at) for at in automatic),
            *(Correction(reset.at, reset.people, is_automatic=False) for reset in by_hand),
        )

    def _passages(
        self, selection: CountSelection, doors: dict[tuple[str, str], Door]
    ) -> Iterator[Passage]:
        kinds = {ZoneEventKind.IN: True, ZoneEventKind.OUT: False}
        for event in self._store.zones.zone_events(selection):
            door = doors.get((name_key(event.camera), name_key(event.zone.name)))
            if door is not None and event.kind in kinds:
                yield Passage(event.at, door.name, kinds[event.kind] is door.enters)

    def _unobserved(
        self,
        selection: CountSelection,
        doors: dict[tuple[str, str], Door],
        start_at: datetime,
        end_at: datetime,
    ) -> Iterator[Unobserved]:
        observed: dict[str, list[Span]] = {door.name: [] for door in doors.values()}
        for interval in self._store.zones.tracked_intervals(selection):
            zone = interval.zone
            if zone is not None and zone_kind(zone) == "line":
                door = doors.get((name_key(interval.camera), name_key(zone.name)))
                if door is not None:
                    observed[door.name].append((interval.first_at, interval.last_at))
        for name, spans in observed.items():
            for begins, ends in _holes(sorted(spans), start_at, end_at):
                yield Unobserved(name, begins, ends)

    def _room_counts(self, site: Site, start_at: datetime, end_at: datetime) -> Iterator[RoomCount]:
        if site.room is None:
            return
        query = site.room.query or site.query
        selection = CountSelection((site.room.camera,), (query,), start_at, end_at)
        for total in self._store.counts.totals(selection, 60):
            at = total.start_at + timedelta(seconds=60)
            if total.samples and at <= end_at and at.timestamp() % ROOM_EVERY_S == 0:
                yield RoomCount(at, total.count_sum / total.samples)


def _holes(spans: list[Span], start_at: datetime, end_at: datetime) -> Iterator[Span]:
    """Return the parts of a range that no interval covers."""
    until = start_at
    for begins, ends in spans:
        if begins - until > LARGEST_HOLE:
            yield until, min(begins, end_at)
        until = max(until, ends)
        if until >= end_at:
            return
    if end_at - until > LARGEST_HOLE:
        yield until, end_at
