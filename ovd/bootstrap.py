"""Composition root: settings to services. The only place that picks concrete classes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ovd.detection.relations import RelationDetector
from ovd.detection.shared import SharedDetector
from ovd.detection.tiling.choice import tile_camera
from ovd.detection.tiling.layout import NO_TILES
from ovd.domain.cameras import CameraRepository
from ovd.domain.ports import (
    CameraFleet,
    CountStore,
    Detector,
    DetectorInfo,
    EvidenceArchive,
    EvidenceSink,
    FrameSource,
    QueryReader,
    SourceOpener,
    SourceOptions,
)
from ovd.domain.records import Keep, RetentionPolicy
from ovd.domain.spelling import SavedQueries, SpellingModel
from ovd.language import VocabularyReader
from ovd.language.spelling.neural import LazySpeller, SyllableSpeller
from ovd.notify.mail import Mailer, MailServer
from ovd.services.access.service import AccessService
from ovd.services.cameras import CameraService
from ovd.services.closing import Closer
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.fleet import Fleet
from ovd.services.counting.motion_gate import GateConfig
from ovd.services.counting.recount import RecountService
from ovd.services.counting.service import CountService, DetectionConfig
from ovd.services.events import EventHub
from ovd.services.evidence import VIEWS, EvidenceRecorder, PersonConcealer, conceal_nothing
from ovd.services.fleet_file import import_fleet_file
from ovd.services.health import ServicesHealth
from ovd.services.overview import OverviewService
from ovd.services.pruning import Pruner
from ovd.services.queries import QueryService
from ovd.services.reports.buckets import load_zone
from ovd.services.reports.newest import NewestReports
from ovd.services.reports.report import ReportService
from ovd.services.reports.schedule import Recurrence, Schedule
from ovd.services.reports.scheduler import Deliveries, ScheduledReports
from ovd.settings import WEEKDAYS, Settings, environment
from ovd.tracking.tracker import MotionTracker
from ovd.video import open_source as open_video
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts
from ovd.video.live.policy import StreamPolicy
from ovd.video.uri import SourceUri, same_file

KEY_FILE = "secret.key"


@dataclass(frozen=True)
class Services:
    """Everything a face of the app needs."""

    settings: Settings
    detector: Detector
    reader: QueryReader
    store: CountStore
    fleet: CameraFleet
    reports: ReportService
    pruner: Pruner
    evidence: EvidenceArchive
    scheduled: ScheduledReports
    saved_queries: SavedQueries
    queries: QueryService
    overview: OverviewService
    newest: NewestReports
    access: AccessService
    shared: SharedDetector | None = None
    events: EventHub | None = None

    def health(self) -> ServicesHealth:
        """Return how long-lived threads and subscribers of events stand; does no I/O."""
        threaded = (self.shared, self.fleet, self.pruner, self.scheduled, self.evidence)
        return ServicesHealth.of(
            (service for service in threaded if service is not None), self.events
        )

    @property
    def cameras(self) -> CameraRepository:
        """The cameras of the database."""
        return self.store.cameras

    def close(self) -> None:
        """Stop counting, write what is queued and release the database.

        Raises:
            OvdError: What went wrong, once every part was closed; see `Closer.close`.
        """
        closer = Closer()
        closer.add("database", self.store.close)
        closer.add("evidence", self.evidence.close)
        if self.shared is not None:
            closer.add("detector", self.shared.close)
        if self.events is not None:
            closer.add("events", self.events.close)
        closer.add("fleet", self.fleet.close)
        closer.add("pruning", self.pruner.close)
        closer.add("schedules", self.scheduled.close)
        closer.close()


def build_detector(settings: Settings) -> RelationDetector:
    """Load the detector that the settings name; torch is imported here, not before.

    Raises:
        UnknownDetectorError: If there is none of that name.
        WeightsError: If its weights are missing or damaged.
    """
    from ovd.detection.colour import COLOUR_ATTRIBUTES, ColourDetector
    from ovd.model import load_detector

    detector = load_detector(
        settings.detector, settings.weights_dir, settings.text_encoder, settings.threads
    )
    judges_colours = detector.info.judged_attributes >= COLOUR_ATTRIBUTES
    return RelationDetector(detector if judges_colours else ColourDetector(detector))


def build_reader(detector: Detector, weights_dir: Path | None = None) -> QueryReader:
    """The reader of queries for what this detector knows and can judge.

    Args:
        detector: What will be asked.
        weights_dir: Where the learned speller lies, which is loaded when it is first needed; None
            corrects typos by rules only, as does a folder that has none.
    """
    return build_reader_for(detector.info, weights_dir)


def build_reader_for(info: DetectorInfo, weights_dir: Path | None = None) -> QueryReader:
    """Return the reader of queries for a detector of which no more than this is known.

    Args:
        info: What the detector knows and can judge.
        weights_dir: As for `build_reader`.
    """
    return VocabularyReader(
        info.known_names,
        info.default_min_score,
        info.judged_attributes,
        info.open_vocabulary,
        _find_speller(weights_dir),
        info.judged_conditions,
    )


def _find_speller(weights_dir: Path | None) -> SpellingModel | None:
    from ovd.model.weights import WeightsRole, has_weights

    if weights_dir is None or not has_weights(weights_dir, "speller", WeightsRole.SPELLER):
        return None

    def load() -> SpellingModel:
        from ovd.model.spelling.speller import load_speller

        return SyllableSpeller(load_speller(weights_dir))

    return LazySpeller(load)


def open_catalogue(settings: Settings, must_exist: bool = False) -> CountStore:
    """Open the database for its cameras and saved queries, created where there is none.

    Args:
        settings: Where it lies, and the key of its credentials.
        must_exist: Whether a missing database is an error.

    Raises:
        StoreError: If it cannot be used.
    """
    from ovd import store
    from ovd.store.credentials import CredentialCipher
    from ovd.store.database import DatabaseOptions

    cipher = CredentialCipher(settings.data_dir / KEY_FILE, settings.secret_key)
    options = DatabaseOptions(settings.flush_interval_s, must_exist)
    return store.open_store(settings.db_url, cipher, options)


def build_access(store: CountStore) -> AccessService:
    """Return users, API tokens, sign-in and audit log of an open database."""
    return AccessService(store.access, SystemClock())


def open_history(settings: Settings) -> CountStore:
    """Open the database to read it; one that does not exist is not created.

    Raises:
        StoreError: If it cannot be read.
    """
    return open_catalogue(settings, must_exist=True)


def open_store(settings: Settings) -> CountStore:
    """Open the database to count into it, created and brought up to date where needed.

    Runs that a dead process left open are closed as interrupted.

    Raises:
        StoreError: If it cannot be used.
    """
    store = open_catalogue(settings)
    closer = Closer()
    closer.add("database", store.close)
    with closer.on_error():
        store.runs.close_stale(SystemClock().now())
    return store


def open_evidence(settings: Settings) -> EvidenceArchive:
    """The pictures of counted objects in the data folder; to be closed."""
    from ovd.evidence.archive import EvidenceLimits, EvidenceStore

    limits = EvidenceLimits(
        max_age=timedelta(days=settings.evidence_days),
        max_bytes=settings.evidence_mb * 1_000_000,
        min_free_bytes=settings.evidence_free_mb * 1_000_000,
    )
    return EvidenceStore(settings.data_dir / "evidence", limits)


def record_evidence(
    settings: Settings, detector: Detector, sink: EvidenceSink, events: EventHub
) -> None:
    """Keep images of counted objects from now on, if the settings say so.

    Raises:
        InputError: If people shall be concealed and the detector does not find them.
    """
    if settings.keep not in VIEWS:
        return
    conceal = conceal_nothing
    if settings.blur != "none":
        conceal = PersonConcealer(detector, build_reader(detector), settings.blur)
    recorder = EvidenceRecorder(sink, VIEWS[settings.keep], conceal, settings.evidence_every_s)
    events.subscribe("evidence", recorder.handle)


def build_counter(
    detector: Detector,
    store: CountStore,
    events: EventHub | None = None,
    skip_still: bool = False,
    tiles: str = NO_TILES,
) -> CountService:
    """Return the counting loop; `skip_still` takes over what was found in a still scene.

    Raises:
        SettingsError: If `tiles` cannot be read; see `TileLayout.parse`.
    """
    config = DetectionConfig(GateConfig() if skip_still else None, tile_camera(tiles))
    return CountService(detector, store, SystemClock(), events, MotionTracker, config)


def build_recounter(
    detector: Detector, store: CountStore, events: EventHub | None = None, tiles: str = NO_TILES
) -> RecountService:
    """Return what counts new queries in recordings of the store's cameras."""
    return RecountService(build_counter(detector, store, events, tiles=tiles), store, same_file)


def build_opener(settings: Settings) -> SourceOpener:
    """Build what opens videos, image folders, streams and webcams; see `ovd.video.open_source`."""
    policy = StreamPolicy(
        timeouts=Timeouts(settings.open_timeout_s, settings.read_timeout_s),
        transport=settings.rtsp_transport,
        freeze_s=settings.freeze_s,
    )

    def open_source(uri: str, camera: str, options: SourceOptions) -> FrameSource:
        return open_video(uri, camera, options, policy, environment())

    return open_source


def default_camera_name(uri: str) -> str:
    """A camera name for a source that was given none, without credentials."""
    return SourceUri.parse(uri).default_camera


def retention_policy(settings: Settings) -> RetentionPolicy:
    """Return the retention policy of the settings."""
    return RetentionPolicy(
        frame_counts=Keep(settings.keep_counts_days, settings.keep_counts_bytes),
        tracks=Keep(settings.keep_tracks_days, settings.keep_tracks_bytes),
        zone_events=Keep(settings.keep_zone_events_days, settings.keep_zone_events_bytes),
        min_free_bytes=settings.min_free_bytes,
    )


def give_room(settings: Settings, evidence: EvidenceArchive) -> Callable[[int], int]:
    """Return what frees bytes for counts: the oldest images, if both are on one disk."""
    from ovd.store.connection.engine import folder_of

    def make_room(size: int) -> int:
        folder, pictures = folder_of(settings.db_url), settings.data_dir
        if folder is None or not pictures.exists():
            return 0
        return evidence.make_room(size) if folder.stat().st_dev == pictures.stat().st_dev else 0

    return make_room


def build_scheduled_reports(settings: Settings, reports: ReportService) -> ScheduledReports:
    """The runner of the settings' schedules, not started yet."""
    schedules = [
        Schedule(
            name=entry.name,
            every=Recurrence(entry.every),
            at=entry.at,
            zone=load_zone(entry.tz),
            weekday=WEEKDAYS.index(entry.weekday),
            cameras=entry.cameras,
            queries=entry.queries,
            bucket=entry.bucket,
            format=entry.format,
            folder=entry.folder,
            to=entry.to,
            language=entry.language,
            title=entry.title,
            compares=entry.compare is not None,
        )
        for entry in settings.schedules
    ]
    mailer = Mailer(MailServer(**settings.mail.model_dump())) if settings.mail else None
    deliveries = Deliveries(settings.data_dir / "schedules")
    return ScheduledReports(schedules, reports, deliveries, SystemClock(), mailer)


def build_services(settings: Settings) -> Services:
    """Wire the whole app; what was opened is closed again if a later part fails.

    Raises:
        OvdError: If the detector or the database cannot be used.
    """
    closer = Closer()
    with closer.on_error():
        return _build_services(settings, closer)


def _build_services(settings: Settings, closer: Closer) -> Services:
    store = open_store(settings)
    closer.add("database", store.close)
    store.claim()
    loaded = build_detector(settings)
    shared = SharedDetector(loaded.inner, SystemClock())
    detector = RelationDetector(shared)
    closer.add("detector", shared.close)
    evidence = open_evidence(settings)
    closer.add("evidence", evidence.close)
    events = EventHub()
    closer.add("events", events.close)
    record_evidence(settings, detector, evidence, events)
    reader = build_reader(detector, settings.weights_dir)
    import_fleet_file(settings.data_dir / "fleet.json", CameraService(store.cameras))
    fleet = Fleet(
        build_counter(detector, store, events, settings.skip_still, settings.tiles),
        build_opener(settings),
        CameraQueryReader(reader, store.saved_queries),
        lambda: shared.frames_per_s,
    )
    closer.add("fleet", fleet.close)
    reports = ReportService(store)
    pruner = Pruner(store, retention_policy(settings), give_room(settings, evidence))
    closer.add("pruning", pruner.close)
    return Services(
        settings=settings,
        detector=detector,
        reader=reader,
        store=store,
        fleet=fleet,
        reports=reports,
        pruner=pruner,
        evidence=evidence,
        scheduled=build_scheduled_reports(settings, reports),
        saved_queries=store.saved_queries,
        queries=QueryService(reader),
        overview=OverviewService(fleet, store, SystemClock().monotonic),
        newest=NewestReports(store.counts, reports, SystemClock().monotonic),
        access=build_access(store),
        shared=shared,
        events=events,
    )
