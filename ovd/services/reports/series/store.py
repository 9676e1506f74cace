"""SeriesStore: counts, tracks and zone events under the reading of their query."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import add
from typing import Protocol, TypeVar

from ovd.domain.ports import CountStore
from ovd.domain.records import CountExtent, CountSelection, CountTotal, TrackRecord
from ovd.domain.tracking import TrackedInterval, ZoneEventRecord
from ovd.services.reports.series.key import SeriesKey
from ovd.services.reports.series.overlaps import (
    NO_OVERLAPS,
    Overlaps,
    choose_totals,
    find_overlaps,
)

Record = TypeVar("Record", CountTotal, TrackRecord, ZoneEventRecord, TrackedInterval)
# Overlaps are found by the minute; in long reports by the hour, which is read from fewer rows.
_MINUTE_S, _HOUR_S = 60, 3600
_LONGEST_BY_MINUTE = timedelta(days=31)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SeriesCounts(Protocol):
    """The counts that reports read; see `ovd.domain.ports.store.CountRepository`."""

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        """Sum counts per camera, query and interval."""
        ...

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        """Yield tracks by camera, query and first sight."""
        ...


class SeriesZones(Protocol):
    """The zone events that reports read; see `ovd.domain.tracking.ZoneRepository`."""

    def tracked_intervals(self, selection: CountSelection) -> tuple[TrackedInterval, ...]:
        """Return the tracked intervals that touch the selected time."""
        ...

    def zone_events(self, selection: CountSelection) -> Iterator[ZoneEventRecord]:
        """Yield zone events by camera, query and time."""
        ...

    def visitors(self, selection: CountSelection) -> tuple[ZoneEventRecord, ...]:
        """Return who was inside a polygon at the start of the selected time."""
        ...


class SeriesStore(Protocol):
    """The parts of a store that reports read."""

    @property
    def counts(self) -> SeriesCounts:
        """Counts and tracks."""
        ...

    @property
    def zones(self) -> SeriesZones:
        """Zone events, and when objects were tracked."""
        ...


class ReadingStore:
    """Reads a store with the reading of each query in place of what was typed.

    Where several typed forms of a reading were counted at once, those with more samples are taken,
    never the sum. Selections name readings; their start and end are given.
    """

    def __init__(
        self, store: CountStore, members: Mapping[SeriesKey, Sequence[CountExtent]]
    ) -> None:
        """Wrap a store.

        Args:
            store: Where counts are kept by typed text.
            members: The typed forms of each series, and when each was counted.
        """
        self._store = store
        self._members = dict(sorted(members.items()))
        self._overlaps: dict[tuple[SeriesKey, datetime | None, datetime | None], Overlaps] = {}

    @property
    def counts(self) -> "ReadingStore":
        """Return itself, which has the counts."""
        return self

    @property
    def zones(self) -> "ReadingStore":
        """Return itself, which has the zone events."""
        return self

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        """Sum counts per camera, reading and interval; see `CountRepository.totals`."""
        return self._stream(
            selection,
            lambda part: self._store.counts.totals(part, step_s, offset_s),
            lambda key: self._merged_totals(key, selection, step_s, offset_s),
        )

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        """Yield tracks by camera, reading and first sight, cut to the time that is taken."""
        return self._stream(
            selection, self._store.counts.tracks, lambda key: self._merged_tracks(key, selection)
        )

    def zone_events(self, selection: CountSelection) -> Iterator[ZoneEventRecord]:
        """Yield zone events of the time that is taken, by camera, reading and time."""
        return self._stream(
            selection,
            self._store.zones.zone_events,
            lambda key: self._merged_events(key, selection),
        )

    def tracked_intervals(self, selection: CountSelection) -> tuple[TrackedInterval, ...]:
        """Return the tracked intervals, cut to the time that is taken."""
        found = [
            replace(record, query=key.query, first_at=first_at, last_at=last_at)
            for key, typed, record in self._all(selection, self._store.zones.tracked_intervals)
            for first_at, last_at in self._overlaps_of(key, selection).cut(
                typed, record.first_at, record.last_at
            )
        ]
        return tuple(sorted(found, key=lambda record: record.first_at))

    def visitors(self, selection: CountSelection) -> tuple[ZoneEventRecord, ...]:
        """Return who was inside at the start, of the typed form that is taken then."""
        found = [
            replace(record, query=key.query)
            for key, typed, record in self._all(selection, self._store.zones.visitors)
            if selection.start_at is None
            or self._overlaps_of(key, selection).keeps(typed, selection.start_at)
        ]
        return tuple(sorted(found, key=lambda record: record.at))

    def _all(
        self, selection: CountSelection, read: Callable[[CountSelection], tuple[Record, ...]]
    ) -> Iterator[tuple[SeriesKey, str, Record]]:
        """Yield records with their series and typed form."""
        keys = {
            (key.camera, member.query): key
            for key in self._selected(selection)
            for member in self._members[key]
        }
        for record in read(_select(selection, keys)) if keys else ():
            key = keys.get((record.camera, record.query))
            if key is not None:
                yield key, record.query, record

    def _selected(self, selection: CountSelection) -> list[SeriesKey]:
        return [
            key
            for key in self._members
            if (not selection.cameras or key.camera in selection.cameras)
            and (not selection.queries or key.query in selection.queries)
        ]

    def _stream(
        self,
        selection: CountSelection,
        read: Callable[[CountSelection], Iterator[Record]],
        merge: Callable[[SeriesKey], Iterator[Record]],
    ) -> Iterator[Record]:
        """Yield records in the order of series, as many series with one read as the order lets."""
        for batch in self._batches(selection):
            if len(self._members[batch[0]]) > 1:
                yield from merge(batch[0])
                continue
            keys = {(key.camera, self._members[key][0].query): key for key in batch}
            for record in read(_select(selection, keys)):
                key = keys.get((record.camera, record.query))
                if key is not None:
                    yield record if key.query == record.query else replace(record, query=key.query)

    def _batches(self, selection: CountSelection) -> list[list[SeriesKey]]:
        """Split the selected series where they have several typed forms, or another order."""
        batches: list[list[SeriesKey]] = []
        last: tuple[str, str] | None = None
        for key in self._selected(selection):
            members = self._members[key]
            typed = key.camera, members[0].query
            if len(members) > 1:
                batches.append([key])
                last = None
            elif last is not None and last < typed:
                batches[-1].append(key)
                last = typed
            else:
                batches.append([key])
                last = typed
        return batches

    def _merged_totals(
        self, key: SeriesKey, selection: CountSelection, step_s: int, offset_s: int
    ) -> Iterator[CountTotal]:
        fine_s = step_s
        if self._may_overlap(key):
            fine_s = min(step_s, _overlap_step_s(selection))
        totals = self._totals_of(key, selection, fine_s, offset_s)
        if not self._may_overlap(key):
            found = sorted((t for own in totals.values() for t in own), key=lambda t: t.start_at)
        else:
            found = [total for _, total in sorted(choose_totals(totals).items())]
        step, offset = timedelta(seconds=step_s), timedelta(seconds=offset_s)

        def start_of(total: CountTotal) -> datetime:
            local = total.start_at - _EPOCH + offset
            return _EPOCH + (local // step) * step - offset

        for start_at, parts in groupby(found, key=start_of):
            yield replace(reduce(add, parts), query=key.query, start_at=start_at)

    def _merged_tracks(self, key: SeriesKey, selection: CountSelection) -> Iterator[TrackRecord]:
        overlaps = self._overlaps_of(key, selection)
        pieces = [
            replace(
                record,
                query=key.query,
                track=replace(record.track, first_seen_at=first_at, last_seen_at=last_at),
            )
            for record in self._store.counts.tracks(_select(selection, self._typed(key)))
            for first_at, last_at in overlaps.cut(
                record.query, record.track.first_seen_at, record.track.last_seen_at
            )
        ]
        yield from sorted(pieces, key=lambda record: record.track.first_seen_at)

    def _merged_events(
        self, key: SeriesKey, selection: CountSelection
    ) -> Iterator[ZoneEventRecord]:
        overlaps = self._overlaps_of(key, selection)
        events = [
            replace(record, query=key.query)
            for record in self._store.zones.zone_events(_select(selection, self._typed(key)))
            if overlaps.keeps(record.query, record.at)
        ]
        yield from sorted(events, key=lambda record: record.at)

    def _typed(self, key: SeriesKey) -> list[tuple[str, str]]:
        return [(key.camera, member.query) for member in self._members[key]]

    def _may_overlap(self, key: SeriesKey) -> bool:
        """Return whether two typed forms were counted in one minute."""
        members = sorted(self._members[key], key=lambda member: member.first_at)
        minute = timedelta(seconds=_MINUTE_S)
        last_at: datetime | None = None
        for member in members:
            if last_at is not None and member.first_at - minute <= last_at:
                return True
            last_at = member.last_at
        return False

    def _overlaps_of(self, key: SeriesKey, selection: CountSelection) -> Overlaps:
        if not self._may_overlap(key):
            return NO_OVERLAPS
        place = key, selection.start_at, selection.end_at
        if place not in self._overlaps:
            step_s = _overlap_step_s(selection)
            totals = self._totals_of(key, selection, step_s, 0)
            self._overlaps[place] = find_overlaps(totals, step_s)
        return self._overlaps[place]

    def _totals_of(
        self, key: SeriesKey, selection: CountSelection, step_s: int, offset_s: int
    ) -> dict[str, list[CountTotal]]:
        """Return the totals of each typed form."""
        totals: dict[str, list[CountTotal]] = {m.query: [] for m in self._members[key]}
        part = _select(selection, self._typed(key))
        for total in self._store.counts.totals(part, step_s, offset_s):
            totals[total.query].append(total)
        return totals


def _overlap_step_s(selection: CountSelection) -> int:
    start_at, end_at = selection.start_at, selection.end_at
    if start_at is None or end_at is None or end_at - start_at > _LONGEST_BY_MINUTE:
        return _HOUR_S
    return _MINUTE_S


def _select(
    selection: CountSelection,
    pairs: Mapping[tuple[str, str], SeriesKey] | Sequence[tuple[str, str]],
) -> CountSelection:
    """Return the same time of other cameras and typed texts."""
    return replace(
        selection,
        cameras=tuple(sorted({camera for camera, _ in pairs})),
        queries=tuple(sorted({text for _, text in pairs})),
    )
