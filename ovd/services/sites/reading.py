"""Reading of what happened at the doors of a site."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from ovd.domain.events import ZoneEventKind
from ovd.domain.names import name_key
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection
from ovd.domain.sites import Door, DoorLine, Site, SiteRepository
from ovd.domain.sites.records import ImportedCount
from ovd.domain.tracking import ZoneEventRecord
from ovd.domain.zones import zone_kind
from ovd.services.sites.occupancy import Correction, DoorRecord, Passage, RoomCount, Unobserved
from ovd.services.sites.spans import Span, find_holes, merge

# A frame stands for the time until the next one: holes this short are between two frames.
LARGEST_HOLE = timedelta(seconds=5)
# Counts of neighbouring minutes hold the same people: one in ten minutes is independent enough.
ROOM_EVERY_S = 600
LONGEST_SEARCH = timedelta(days=15)
ZoneKey = tuple[str, str]
Who = tuple[str, int, int]


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
        cameras = {line.camera for door in site.doors for line in door.lines}
        cameras |= {area.camera for area in site.staff.areas}
        selection = CountSelection(tuple(cameras), (site.query,), begins.at, end_at)
        lines = {line.key: (door, line) for door in site.doors for line in door.lines}
        imported = tuple(self._imported(site, begins.at, end_at))
        return DoorRecord(
            begins.at,
            end_at,
            tuple(door.name for door in site.doors),
            (
                *(self._passages(site, selection, lines) if lines else ()),
                *(passage for count in imported for passage in spread(count, begins.at, end_at)),
            ),
            (
                *self._unobserved(site, selection, lines),
                *_not_imported(site, imported, begins.at, end_at),
            ),
            self.resets(site, start_at, end_at),
            tuple(self._room_counts(site, begins.at, end_at)),
        )

    def last_reset(self, site: Site, before: datetime) -> Correction:
        """Return the last reset at or before a time; the search ends after two weeks."""
        earliest = before - LONGEST_SEARCH
        found = self._corrections(site, earliest, before + timedelta(microseconds=1))
        return max(found, key=lambda reset: reset.at, default=Correction(earliest))

    def resets(self, site: Site, start_at: datetime, end_at: datetime) -> tuple[Correction, ...]:
        """Return the last reset at or before the start of a range, and those in it."""
        begins = self.last_reset(site, start_at)
        return (begins, *self._corrections(site, begins.at + timedelta(microseconds=1), end_at))

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
        self,
        site: Site,
        selection: CountSelection,
        lines: Mapping[ZoneKey, tuple[Door, DoorLine]],
    ) -> Iterator[Passage]:
        kinds = {ZoneEventKind.IN: True, ZoneEventKind.OUT: False}
        areas = {area.key for area in site.staff.areas}
        crossings: list[tuple[Who, Passage]] = []
        staff: set[Who] = set()
        for event in self._store.zones.zone_events(selection):
            key = zone_key(event)
            who = (key[0], event.run_id, event.track_id)
            if key in areas:
                staff.add(who)
            if key in lines and event.kind in kinds:
                door, line = lines[key]
                enters = kinds[event.kind] is line.enters
                crossings.append((who, Passage(event.at, door.name, enters)))
        counted = [(who, passage) for who, passage in crossings if who not in staff]
        return without_turning_back(counted, timedelta(seconds=site.staff.turn_back_s))

    def _unobserved(
        self,
        site: Site,
        selection: CountSelection,
        lines: Mapping[ZoneKey, tuple[Door, DoorLine]],
    ) -> Iterator[Unobserved]:
        missing = read_unobserved(self._store, selection, lines)
        for door in site.doors:
            for begins, ends in merge(span for line in door.lines for span in missing[line.key]):
                yield Unobserved(door.name, begins, ends)

    def _imported(
        self, site: Site, start_at: datetime, end_at: datetime
    ) -> Iterator[ImportedCount]:
        names = {name_key(door.name): door.name for door in site.doors if door.imported}
        if names:
            for count in self._store.site_records.counts(site.name, start_at, end_at):
                if name_key(count.door) in names:
                    yield replace(count, door=names[name_key(count.door)])

    def _room_counts(self, site: Site, start_at: datetime, end_at: datetime) -> Iterator[RoomCount]:
        if site.room is None:
            return
        query = site.room.query or site.query
        selection = CountSelection((site.room.camera,), (query,), start_at, end_at)
        for total in self._store.counts.totals(selection, 60):
            at = total.start_at + timedelta(seconds=60)
            if total.samples and at <= end_at and at.timestamp() % ROOM_EVERY_S == 0:
                yield RoomCount(at, total.count_sum / total.samples)


def spread(count: ImportedCount, start_at: datetime, end_at: datetime) -> Iterator[Passage]:
    """Yield the passages of an imported count, spread evenly over its interval, within a range."""
    length = count.end_at - count.start_at
    for enters, people in ((True, count.entered), (False, count.left)):
        for index in range(people):
            at = count.start_at + length * ((index + 0.5) / people)
            if start_at <= at < end_at:
                yield Passage(at, count.door, enters)


def _not_imported(
    site: Site, counts: Sequence[ImportedCount], start_at: datetime, end_at: datetime
) -> Iterator[Unobserved]:
    """Yield when doors without lines have no imported counts."""
    for door in site.doors:
        if door.imported:
            own = [(count.start_at, count.end_at) for count in counts if count.door == door.name]
            for begins, ends in find_holes(merge(own), start_at, end_at, LARGEST_HOLE):
                yield Unobserved(door.name, begins, ends)


def zone_key(event: ZoneEventRecord) -> ZoneKey:
    """Return camera and zone of an event as names are compared."""
    return _zone_key(event.camera, event.zone.name)


@lru_cache(maxsize=4096)
def _zone_key(camera: str, zone: str) -> ZoneKey:
    return name_key(camera), name_key(zone)


def read_unobserved(
    store: CountStore, selection: CountSelection, zones: Iterable[ZoneKey], kind: str = "line"
) -> dict[ZoneKey, list[Span]]:
    """Return when zones were not observed in the time of a selection, which has both ends.

    Args:
        store: What was counted.
        selection: Cameras, query and time.
        zones: The zones by camera and name, as names are compared.
        kind: What they are: line or polygon.
    """
    observed: dict[ZoneKey, list[Span]] = {key: [] for key in zones}
    if not observed or selection.start_at is None or selection.end_at is None:
        return {}
    for interval in store.zones.tracked_intervals(selection):
        zone = interval.zone
        if zone is not None and zone_kind(zone) == kind:
            key = (name_key(interval.camera), name_key(zone.name))
            if key in observed:
                observed[key].append((interval.first_at, interval.last_at))
    return {
        key: list(find_holes(sorted(spans), selection.start_at, selection.end_at, LARGEST_HOLE))
        for key, spans in observed.items()
    }


def without_turning_back(
    crossings: Iterable[tuple[Who, Passage]], within: timedelta
) -> Iterator[Passage]:
    """Return passages without those of objects that came back through the same door.

    Args:
        crossings: Passages by object, in order of time for each.
        within: Longest time until they came back; none where it is 0.
    """
    kept: dict[tuple[Who, str], list[Passage]] = {}
    for who, passage in crossings:
        own = kept.setdefault((who, passage.door), [])
        turned = own and own[-1].enters is not passage.enters and passage.at - own[-1].at < within
        if turned:
            own.pop()
        else:
            own.append(passage)
    return (passage for own in kept.values() for passage in own)
