"""Stand-ins that implement the ports of `ovd.domain.ports`."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from ovd.domain.cameras import (
    AddedCamera,
    Camera,
    CameraAddress,
    CameraChanges,
    CameraSettings,
    check_camera_name,
)
from ovd.domain.detections import Detections
from ovd.domain.events import CountEvent, FrameResult, Gap
from ovd.domain.frame import Frame, Image
from ovd.domain.names import name_key, normalise_name
from ovd.domain.ports import DetectorInfo, SourceInfo
from ovd.domain.ports.detector import UNKNOWN_COMPUTATION, Computation
from ovd.domain.ports.mqtt import TopicName
from ovd.domain.ports.schedules import ScheduleRecord
from ovd.domain.query import Query, Vocabulary
from ovd.domain.records import (
    CountedFrame,
    CountExtent,
    CountSelection,
    CountTotal,
    Erased,
    Erasure,
    Recording,
    RetentionPolicy,
    Run,
    RunStatus,
    StoreHealth,
    StoreState,
    TrackRecord,
    TrackSummary,
)
from ovd.domain.teaching.taught_names import TaughtName
from ovd.domain.tracking import TrackedInterval, ZoneEventRecord
from ovd.domain.zones import Zone, require_distinct_names
from ovd.errors import CameraError, CredentialsError, OvdError, QueryError, ScheduleError
from ovd.threads import ThreadHealth
from tests.builders import START, make_unsupported, make_vocabulary
from tests.memory_access import MemoryAccess, MemoryJobs
from tests.memory_alerts import MemoryAlerts, MemoryOutbox, MemoryTargets, MemoryViews
from tests.memory_sites import MemorySites


class FixedClock:
    """Stands still until told to go on."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


class FakeDetector:
    """Finds, for every label, as many boxes as the red value of the top-left pixel, modulo 5."""

    info = DetectorInfo("fake", "0" * 64, ("person", "car", "bicycle"), 0.35)

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        if not queries:
            raise QueryError("no query to encode")
        return make_vocabulary(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        self.calls += 1
        return [self._detect_one(image, vocabulary) for image in images]

    def _detect_one(self, image: Image, vocabulary: Vocabulary) -> Detections:
        per_label = int(image[0, 0, 0]) % 5
        ids = np.repeat(np.arange(len(vocabulary.labels), dtype=np.int64), per_label)
        left = np.tile(np.arange(per_label, dtype=np.float32) * 10, len(vocabulary.labels))
        top = np.zeros_like(left)
        xyxy = np.stack([left, top, left + 8, top + 16], axis=1).astype(np.float32)
        score = np.full(len(ids), 0.9, dtype=np.float32)
        keep = score >= vocabulary.min_score[ids]
        return Detections(xyxy[keep], score[keep], ids[keep], vocabulary.labels)


class FakeReader:
    """Understands the fake detector's names, and two other forms of "person"."""

    def read(self, text: str, min_score: float | None = None) -> Query:
        if not text.strip():
            raise QueryError("a query needs text")
        name = text.strip().lower()
        name = {"persn": "person", "보행자": "person"}.get(name, name)
        if name not in FakeDetector.info.known_names:
            return make_unsupported(text.strip())
        return Query(
            text.strip(), name, (name,), min_score=0.35 if min_score is None else min_score
        )

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        return tuple(self.read(part, min_score) for part in text.split(","))

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        names = (name for name in FakeDetector.info.known_names if name.startswith(prefix))
        return tuple(names)[:limit]


class ListSource:
    """Yields the frames and gaps it was given, then raises `error` if there is one."""

    def __init__(
        self,
        items: Sequence[Frame | Gap],
        sample_interval_s: float = 0.1,
        error: OvdError | None = None,
        live: bool = False,
    ) -> None:
        self._items = items
        self._error = error
        self.closed = False
        self.frames_read = 0
        first = next((item for item in items if isinstance(item, Frame)), None)
        size_hw = first.size_hw if first is not None else (48, 64)
        count = None if live else len(items)
        length_s = None if live else len(items) * sample_interval_s
        self.info = SourceInfo(
            "list",
            size_hw,
            1 / sample_interval_s,
            count,
            sample_interval_s,
            live,
            length_s,
            not live,
        )

    def __iter__(self) -> Iterator[Frame | Gap]:
        for item in self._items:
            if self.closed:
                return
            self.frames_read += isinstance(item, Frame)
            yield item
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed = True


class MemoryZones:
    """A ZoneRepository in lists."""

    def __init__(self) -> None:
        self.zones_of: dict[int, tuple[Zone, ...]] = {}
        self.events: list[tuple[Run, Query, CountEvent]] = []
        self.saved_intervals: dict[tuple[int, str, Zone | None, datetime], TrackedInterval] = {}

    def of(self, camera: Camera) -> tuple[Zone, ...]:
        return self.zones_of.get(camera.id, ())

    def replace(self, camera: Camera, zones: Sequence[Zone]) -> None:
        self.zones_of[camera.id] = require_distinct_names(zones)

    def add_event(self, run: Run, query: Query, event: CountEvent) -> None:
        self.events.append((run, query, event))

    def add_tracked_interval(
        self,
        run: Run,
        query: Query,
        zones: Sequence[Zone],
        first_at: datetime,
        last_at: datetime,
    ) -> None:
        for zone in (None, *zones):
            watch = TrackedInterval(run.camera.name, query.text, run.id, zone, first_at, last_at)
            self.saved_intervals[run.id, query.text, zone, first_at] = watch

    def tracked_intervals(self, selection: CountSelection) -> tuple[TrackedInterval, ...]:
        return tuple(self.saved_intervals.values())

    def visitors(self, selection: CountSelection) -> tuple[ZoneEventRecord, ...]:
        return ()

    def zone_events(self, selection: CountSelection) -> Iterator[ZoneEventRecord]:
        for run, query, event in self.events:
            yield ZoneEventRecord(
                run.camera.name,
                query.text,
                run.id,
                event.zone,
                event.track_id,
                event.kind,
                event.at,
                event.dwell_s,
            )


class MemoryCameras:
    """A CameraRepository in a dictionary; `used` holds the names that have counts."""

    def __init__(self, now: Callable[[], datetime] = lambda: START) -> None:
        self._now = now
        self._ids = itertools.count(1)
        self.kept: dict[str, tuple[Camera, CameraAddress]] = {}
        self.used: set[str] = set()

    def add(self, settings: CameraSettings) -> AddedCamera:
        known = self.kept.get(settings.name)
        if known is not None and known[0].added:
            raise CameraError(f"there is a camera {settings.name!r} already; remove it first")
        camera = Camera(
            known[0].id if known else next(self._ids),
            settings.name,
            settings.address.uri,
            known[0].created_at if known else self._now(),
            settings.enabled,
            settings.queries,
            settings.options,
            settings.address.full_uri is not None,
            added=True,
            revision=known[0].revision + 1 if known else 1,
            masks=settings.masks or (known[0].masks if known else ()),
        )
        self.kept[settings.name] = camera, settings.address
        return AddedCamera(camera, known is not None)

    def update(self, name: str, changes: CameraChanges) -> Camera:
        camera, address = self._find(name)
        address = changes.address or address
        new_name = camera.name if changes.name is None else check_camera_name(changes.name)
        if new_name != camera.name:
            if new_name in self.kept:
                raise CameraError(f"there is a camera {new_name!r} already")
            del self.kept[camera.name]
        camera = replace(
            camera,
            name=new_name,
            uri=address.uri,
            enabled=camera.enabled if changes.enabled is None else changes.enabled,
            queries=camera.queries if changes.queries is None else changes.queries,
            options=changes.options or camera.options,
            masks=camera.masks if changes.masks is None else changes.masks,
            complete=address.full_uri is not None,
            added=camera.added or changes != CameraChanges(masks=changes.masks),
            revision=camera.revision + 1,
        )
        self.kept[camera.name] = camera, address
        return camera

    def record(self, name: str, uri: str) -> Camera:
        name, address = check_camera_name(name), CameraAddress.without_credentials(uri)
        known = self.kept.get(name)
        if known is None:
            self.kept[name] = Camera(next(self._ids), name, uri, self._now()), address
        elif not known[0].added and (known[0].uri, known[0].removed_at) != (uri, None):
            changed = replace(
                known[0], uri=uri, complete=True, removed_at=None, revision=known[0].revision + 1
            )
            self.kept[name] = changed, address
        return self.kept[name][0]

    def all(self, include_removed: bool = False) -> tuple[Camera, ...]:
        return tuple(
            camera
            for _, (camera, _) in sorted(self.kept.items())
            if include_removed or camera.removed_at is None
        )

    def find(self, name: str) -> Camera:
        return self._find(name)[0]

    def find_address(self, name: str) -> str:
        _, address = self._find(name)
        if address.full_uri is None:
            raise CredentialsError(f"camera {name!r} cannot be opened: its password is not kept")
        return address.full_uri

    def remove(self, name: str) -> bool:
        camera, address = self._find(name)
        if camera.name not in self.used:
            del self.kept[camera.name]
            return False
        kept = CameraAddress(address.uri, None if address.has_credentials else address.full_uri)
        removed = replace(
            camera,
            enabled=False,
            queries=(),
            complete=kept.full_uri is not None,
            removed_at=self._now(),
            added=False,
            revision=camera.revision + 1,
        )
        self.kept[camera.name] = removed, kept
        return True

    def _find(self, name: str) -> tuple[Camera, CameraAddress]:
        known = self.kept.get(normalise_name(name))
        if known is None or known[0].removed_at is not None:
            names = ", ".join(camera.name for camera in self.all()) or "none"
            raise CameraError(f"there is no camera {name!r}; known: {names}")
        return known


class MemoryTaughtNames:
    def __init__(self) -> None:
        self.kept: list[TaughtName] = []
        self.removed: set[int] = set()

    def add(self, taught: TaughtName) -> TaughtName:
        of_name = [item.version for item in self.kept if item.name == taught.name]
        self.remove(taught.name, taught.camera)
        self.kept.append(taught.kept_as(max(of_name, default=0) + 1, START))
        return self.kept[-1]

    def all(self) -> tuple[TaughtName, ...]:
        used = [item for at, item in enumerate(self.kept) if at not in self.removed]
        return tuple(sorted(used, key=lambda item: (item.name, item.camera)))

    def versions(self) -> tuple[TaughtName, ...]:
        return tuple(replace(item, examples=()) for item in self.kept)

    def remove(self, name: str, camera: str = "") -> bool:
        gone = {
            at
            for at, item in enumerate(self.kept)
            if (item.name, item.camera) == (name.lower(), camera) and at not in self.removed
        }
        self.removed |= gone
        return bool(gone)


class MemorySavedQueries:
    """The user's list of queries in a list."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> bool:
        known = self._find(text)
        self.texts += [] if known else [normalise_name(text)]
        return not known

    def all(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def remove(self, text: str) -> bool:
        known = self._find(text)
        self.texts = [other for other in self.texts if other not in known]
        return bool(known)

    def _find(self, text: str) -> list[str]:
        return [other for other in self.texts if name_key(other) == name_key(text)]


class MemoryRuns:
    """A RunRepository in a list."""

    def __init__(self, cameras: MemoryCameras) -> None:
        self._cameras = cameras
        self.kept: list[Run] = []

    def start(
        self,
        camera: Camera,
        detector: str,
        weights_sha256: str,
        started_at: datetime,
        computation: Computation = UNKNOWN_COMPUTATION,
        recording: Recording | None = None,
    ) -> Run:
        run = Run(
            len(self.kept) + 1,
            camera,
            detector,
            weights_sha256,
            started_at,
            None,
            RunStatus.RUNNING,
            runtime=computation.runtime,
            precision=computation.precision,
            recording=recording,
        )
        self.kept.append(run)
        self._cameras.used.add(camera.name)
        return run

    def end(self, run_id: int, status: RunStatus, ended_at: datetime, error: str = "") -> None:
        self.kept = [
            replace(run, status=status, ended_at=ended_at, error=error) if run.id == run_id else run
            for run in self.kept
        ]

    def close_stale(self, now: datetime) -> tuple[int, ...]:
        return ()

    def all(self, camera: str | None = None) -> tuple[Run, ...]:
        wanted = None if camera is None else normalise_name(camera)
        newest_first = sorted(self.kept, key=lambda run: (run.started_at, run.id), reverse=True)
        return tuple(run for run in newest_first if wanted in (None, run.camera.name))


class MemoryCounts:
    """A CountRepository in lists."""

    def __init__(self) -> None:
        self.results: list[tuple[Run, FrameResult]] = []
        self.kept_gaps: list[tuple[Run, Gap]] = []
        self.kept_tracks: list[TrackRecord] = []

    def add_result(self, run: Run, result: FrameResult) -> None:
        if len({entry.query.text for entry in result.counts}) != len(result.counts):
            raise ValueError(f"the queries of a frame must differ in text, got {result.counts}")
        if not all(entry.query.supported for entry in result.counts):
            raise ValueError("an unsupported query cannot have been counted")
        self.results.append((run, result))

    def add_gap(self, run: Run, gap: Gap) -> None:
        self.kept_gaps.append((run, gap))

    def query_id(self, query: Query) -> int | None:
        return None

    def add_track(self, run: Run, query: Query, track: TrackSummary) -> None:
        self.kept_tracks.append(TrackRecord(run.camera.name, query.text, run.id, track))

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        yield from self.kept_tracks

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        sums: dict[tuple[str, str, datetime], list[FrameResult]] = {}
        for run, result in self.results:
            local_s = result.frame.captured_at.timestamp() + offset_s
            start = datetime.fromtimestamp(local_s // step_s * step_s - offset_s, UTC)
            for count in result.counts:
                if _selects(selection, run, result.frame.captured_at, count.query.text):
                    key = (run.camera.name, count.query.text, start)
                    sums.setdefault(key, []).append(result)
        for (camera, text, start), results in sorted(sums.items()):
            found = [c for r in results for c in r.counts if c.query.text == text]
            counts = [c.count for c in found]
            observed = sum(result.observed_s for result in results)
            unjudged = sum(c.pending for c in found), sum(c.unknown for c in found)
            totals = sum(counts), max(counts), *unjudged
            yield CountTotal(camera, text, start, observed, len(counts), *totals)

    def frames(self, selection: CountSelection, limit: int) -> tuple[CountedFrame, ...]:
        found = [
            CountedFrame(
                run.camera.name,
                result.frame.captured_at,
                result.observed_s,
                count.count,
                count.pending + count.unknown,
            )
            for run, result in self.results
            for count in result.counts
            if _selects(selection, run, result.frame.captured_at, count.query.text)
        ]
        newest = sorted(found, key=lambda frame: frame.at)[-limit:]
        return tuple(sorted(newest, key=lambda frame: (frame.camera, frame.at)))

    def extents(self, selection: CountSelection) -> tuple[CountExtent, ...]:
        times: dict[tuple[str, str], list[datetime]] = {}
        for run, result in self.results:
            for count in result.counts:
                if not _selects(selection, run, result.frame.captured_at, count.query.text):
                    continue
                key = (run.camera.name, count.query.text)
                times.setdefault(key, []).append(result.frame.captured_at)
        return tuple(
            CountExtent(camera, text, min(moments), max(moments))
            for (camera, text), moments in sorted(times.items())
        )

    def readings(self) -> Mapping[str, str]:
        return {
            count.query.text: count.query.read_as
            for _, result in self.results
            for count in result.counts
        }

    def gaps(self, selection: CountSelection) -> tuple[tuple[Camera, Gap], ...]:
        return tuple(
            (run.camera, gap)
            for run, gap in sorted(self.kept_gaps, key=lambda kept: kept[1].started_at)
            if (not selection.run_ids or run.id in selection.run_ids)
            and (not selection.cameras or run.camera.name in selection.cameras)
            and (selection.start_at is None or gap.ended_at > selection.start_at)
            and (selection.end_at is None or gap.started_at < selection.end_at)
        )


class MemorySchedules:
    """A ScheduleRepository in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, ScheduleRecord] = {}

    def all(self) -> tuple[ScheduleRecord, ...]:
        return tuple(self.kept[key] for key in sorted(self.kept))

    def add(self, record: ScheduleRecord) -> None:
        if name_key(record.name) in self.kept:
            raise ScheduleError(f"there is a schedule {record.name!r} already")
        self.kept[name_key(record.name)] = record

    def replace(self, record: ScheduleRecord) -> None:
        if name_key(record.name) not in self.kept:
            raise ScheduleError(f"there is no schedule {record.name!r}")
        self.kept[name_key(record.name)] = record

    def remove(self, name: str) -> None:
        if self.kept.pop(name_key(name), None) is None:
            raise ScheduleError(f"there is no schedule {name!r}")


class MemoryTopicNames:
    """A TopicNameRepository in a list."""

    def __init__(self) -> None:
        self.stored: list[TopicName] = []

    def all(self) -> tuple[TopicName, ...]:
        return tuple(self.stored)

    def add(self, name: TopicName) -> None:
        self.stored.append(name)


class MemoryStore:
    """A CountStore in lists."""

    def __init__(self, now: Callable[[], datetime] = lambda: START) -> None:
        self.erasures: list[Erasure] = []
        self.cameras = MemoryCameras(now)
        self.runs = MemoryRuns(self.cameras)
        self.counts = MemoryCounts()
        self.zones = MemoryZones()
        self.saved_queries = MemorySavedQueries()
        self.taught_names = MemoryTaughtNames()
        self.access = MemoryAccess(now)
        self.jobs = MemoryJobs()
        self.topic_names = MemoryTopicNames()
        self.schedules = MemorySchedules()
        self.outbox = MemoryOutbox(now)
        self.alerts = MemoryAlerts(now, self.outbox)
        self.targets = MemoryTargets()
        self.views = MemoryViews()
        self.sites = MemorySites()
        self.site_records = self.sites.records
        self.displays = self.sites.displays
        self.trims: list[RetentionPolicy] = []
        self.closed = False
        self.threads: tuple[ThreadHealth, ...] = ()

    def flush(self) -> None:
        return None

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        self.trims.append(policy)
        return 0

    def claim(self) -> None:
        return None

    def erase(self, erasure: Erasure) -> Erased:
        self.erasures.append(erasure)
        return Erased(0, 0, 0, ())

    def health(self) -> StoreHealth:
        return StoreHealth(StoreState.GOOD, 0, None)

    def close(self) -> None:
        self.closed = True


def _selects(selection: CountSelection, run: Run, at: datetime, query: str) -> bool:
    return (
        (not selection.cameras or run.camera.name in selection.cameras)
        and (not selection.queries or query in selection.queries)
        and (not selection.run_ids or run.id in selection.run_ids)
        and (selection.start_at is None or selection.start_at <= at)
        and (selection.end_at is None or at < selection.end_at)
    )
