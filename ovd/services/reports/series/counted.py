"""CountedSeries: what was counted at which camera, by reading; and the choice of a report."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.names import name_key
from ovd.domain.ports import CountStore
from ovd.domain.records import CountExtent, CountSelection
from ovd.errors import CameraError, InputError
from ovd.services.reports.series.key import SeriesKey

_MAX_NAMES_SHOWN = 20


@dataclass(frozen=True)
class CountedSeries:
    """A reading that was counted at a camera.

    Attributes:
        key: Camera and reading.
        members: When each typed form of it was counted, by text.
        current: Whether the camera is asked one of them now.
    """

    key: SeriesKey
    members: tuple[CountExtent, ...]
    current: bool = False

    @property
    def typed(self) -> tuple[str, ...]:
        """Return the typed forms, in order."""
        return tuple(member.query for member in self.members)

    @property
    def first_at(self) -> datetime:
        """Return when it was counted first."""
        return min(member.first_at for member in self.members)

    @property
    def last_at(self) -> datetime:
        """Return when it was counted last."""
        return max(member.last_at for member in self.members)

    def asked_s(self, start_at: datetime, end_at: datetime) -> float:
        """Return for how long it was asked in an interval: from its first count to its last.

        A query that the camera is asked now was asked until the end.
        """
        until = end_at if self.current else min(end_at, self.last_at)
        return max(0.0, (until - max(start_at, self.first_at)).total_seconds())


def list_series(store: CountStore) -> tuple[CountedSeries, ...]:
    """Return everything that was ever counted, by camera and reading.

    Raises:
        StoreError: If the database cannot be read.
    """
    readings = store.counts.readings()
    members: defaultdict[SeriesKey, list[CountExtent]] = defaultdict(list)
    for extent in store.counts.extents(CountSelection()):
        reading = readings.get(extent.query) or extent.query
        members[SeriesKey(extent.camera, reading)].append(extent)
    asked = _asked_now(store)
    return tuple(
        CountedSeries(
            key,
            tuple(extents),
            any((key.camera, name_key(extent.query)) in asked for extent in extents),
        )
        for key, extents in sorted(members.items())
    )


def choose_series(
    known: Sequence[CountedSeries],
    cameras: Sequence[str],
    queries: Sequence[str],
    read_as: Callable[[str], str] = str,
) -> tuple[CountedSeries, ...]:
    """Return the series of some cameras and queries, each named by its reading or as typed.

    Args:
        known: All series.
        cameras: Names of cameras, which are known; empty means all.
        queries: Readings or typed texts; empty means all.
        read_as: Returns the reading of a text that was never typed where it was counted.

    Raises:
        InputError: If a query was never counted, or none of them at these cameras.
    """
    by_reading = {name_key(series.key.query) for series in known}
    by_text: defaultdict[str, set[str]] = defaultdict(set)
    for series in known:
        for typed in series.typed:
            by_text[name_key(typed)].add(name_key(series.key.query))
    wanted: set[str] = set()
    for query in queries:
        key = name_key(query)
        readings = {key} if key in by_reading else by_text[key]
        if not readings:
            readings = {name_key(read_as(query))} & by_reading
        if not readings:
            names = sorted({series.key.query for series in known})
            raise InputError(f"query {query!r} was never counted; {list_known(names)}")
        wanted |= readings
    there = [series for series in known if not cameras or series.key.camera in cameras]
    chosen = [series for series in there if not queries or name_key(series.key.query) in wanted]
    if not chosen:  # of other cameras it says nothing: who asks may not be allowed to see them
        pairs = [f"{series.key.query!r} at {series.key.camera!r}" for series in there]
        raise InputError(
            "nothing was ever counted for these cameras and queries; count first, or choose "
            f"others ({list_known(pairs)})"
        )
    return tuple(chosen)


def leave_out_uncounted(
    series: Sequence[CountedSeries], extents: Iterable[CountExtent]
) -> tuple[CountedSeries, ...]:
    """Return series without those that were not counted, where the camera counted others.

    Of a camera that counted nothing those remain that were counted last: it was not observed.

    Args:
        series: What might be in a report.
        extents: What was counted in its time.
    """
    counted = {(extent.camera, extent.query) for extent in extents}
    busy = {camera for camera, _ in counted}
    last_at: dict[str, datetime] = {}
    for entry in series:
        camera = entry.key.camera
        last_at[camera] = max(last_at.get(camera, entry.last_at), entry.last_at)

    def remains(entry: CountedSeries) -> bool:
        camera = entry.key.camera
        if camera in busy:
            return any((camera, typed) in counted for typed in entry.typed)
        return entry.current or entry.last_at == last_at[camera]

    return tuple(entry for entry in series if remains(entry))


def require_cameras(store: CountStore, cameras: Sequence[str]) -> None:
    """Refuse names of cameras that never were.

    Raises:
        CameraError: If a camera is unknown.
        StoreError: If the database cannot be read.
    """
    known = [camera.name for camera in store.cameras.all(include_removed=True)]
    for camera in cameras:
        if camera not in known:
            raise CameraError(f"unknown camera {camera!r}; {list_known(known)}")


def list_known(names: Sequence[str]) -> str:
    """Return names for an error message, not too many of them."""
    if not names:
        return "none is known yet"
    more = f" and {len(names) - _MAX_NAMES_SHOWN} more" if len(names) > _MAX_NAMES_SHOWN else ""
    return f"known: {', '.join(names[:_MAX_NAMES_SHOWN])}{more}"


def _asked_now(store: CountStore) -> set[tuple[str, str]]:
    """Return camera and text of what enabled cameras are asked."""
    saved = store.saved_queries.all()
    return {
        (camera.name, name_key(text))
        for camera in store.cameras.all()
        if camera.enabled
        for text in ([query.text for query in camera.queries] or saved)
    }
