"""Services: everything a face of the app needs, wired by the settings."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import cached_property

from ovd.bootstrap.access import build_access
from ovd.bootstrap.alerts import build_alert_engine, build_alert_rules, build_links
from ovd.bootstrap.counting import build_opener
from ovd.bootstrap.delivery import build_delivery, build_targets
from ovd.bootstrap.detectors import PreparedDetector, open_query_detector, prepare_detector
from ovd.bootstrap.evidence import build_snapshots, open_evidence, record_evidence
from ovd.bootstrap.models import (
    build_models,
    verify_images,
)
from ovd.bootstrap.models.choices import build_choices, count_by
from ovd.bootstrap.mqtt import Mqtt, build_mqtt
from ovd.bootstrap.schedules import build_scheduled_reports, parse_schedule
from ovd.bootstrap.stores import give_room, open_store, retention_policy
from ovd.bootstrap.teaching import FollowedNames, build_teaching
from ovd.detection.relations import RelationDetector
from ovd.detection.shared import SharedDetector
from ovd.detection.timing import DurationHistogram, TimedDetector
from ovd.domain.cameras import CameraRepository
from ovd.domain.ports import (
    CameraFleet,
    CountStore,
    Detector,
    EvidenceArchive,
    QueryReader,
    SourceOpener,
)
from ovd.domain.ports.judging import Verification
from ovd.domain.spelling import SavedQueries
from ovd.render.page_images import PageImages
from ovd.services.access.service import AccessService
from ovd.services.alerts.delivery.targets import TargetService
from ovd.services.alerts.delivery.worker import DeliveryWorker
from ovd.services.alerts.engine import AlertEngine
from ovd.services.alerts.images.links import AlertLinks
from ovd.services.alerts.rules import AlertRuleService
from ovd.services.cameras import CameraService
from ovd.services.cameras.testing import CameraFinder, CameraTester
from ovd.services.cameras.trial import RecentTracks
from ovd.services.closing import Closer
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.fleet import Fleet
from ovd.services.counting.judging.choices import CountingChoices
from ovd.services.events import EventHub
from ovd.services.fleet_file import import_fleet_file
from ovd.services.health import ServicesHealth
from ovd.services.history.today import TodayCounts
from ovd.services.models import ModelService
from ovd.services.monitoring.camera_totals import CameraTotals
from ovd.services.overview import OverviewService
from ovd.services.preview import PreviewService, QueryDetector
from ovd.services.pruning import Pruner, SummedFirst
from ovd.services.queries import QueryService
from ovd.services.reports.newest import NewestReports
from ovd.services.reports.report import ReportService
from ovd.services.reports.scheduling.scheduler import ScheduledReports
from ovd.services.reports.scheduling.service import ScheduleService
from ovd.services.sites.displays import DisplayService
from ovd.services.sites.imports.sales import SalesService
from ovd.services.sites.queues.service import QueueService
from ovd.services.sites.service import SiteService
from ovd.services.teaching import TeachingService
from ovd.services.upkeep.erasing import ErasingService
from ovd.settings import Settings
from ovd.video.clock import SystemClock


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
    totals: CameraTotals
    recent_tracks: RecentTracks
    today: TodayCounts | None = None
    page_images: PageImages = field(default_factory=PageImages)
    finder: CameraFinder = field(default_factory=CameraFinder)
    shared: SharedDetector | None = None
    choices: CountingChoices | None = None
    verification: Verification | None = None
    events: EventHub | None = None
    teaching: TeachingService | None = None
    detect_times: DurationHistogram | None = None
    alerts: AlertEngine | None = None
    mqtt: Mqtt | None = None
    targets: TargetService | None = None
    schedules: ScheduleService | None = None
    delivery: DeliveryWorker | None = None
    opener: SourceOpener | None = None
    opening: Future[object] | None = None

    def wait_until_ready(self) -> None:
        """Return once the network of the detector is open, which begins with the services.

        Raises:
            RuntimeUnavailableError: If no runtime works here.
        """
        if self.opening is not None:
            self.opening.result()

    def health(self) -> ServicesHealth:
        """Return how threads, subscribers of events and the detector stand; does no I/O."""
        threaded = (
            *(self.store, self.shared, self.choices, self.fleet, self.pruner),
            *(self.scheduled, self.evidence, self.alerts, self.mqtt, self.delivery),
        )
        return ServicesHealth.of(
            (service for service in threaded if service is not None),
            self.events,
            self.detector.info.computation,
        )

    def start(self) -> None:
        """Begin what runs beside counting, until `close`."""
        self.scheduled.start()
        if self.alerts is not None:
            self.alerts.start()
        if self.mqtt is not None:
            self.mqtt.start()
        if self.delivery is not None:
            self.delivery.start()

    @property
    def erasing(self) -> ErasingService:
        """Erases what was counted."""
        return ErasingService(self.store, self.evidence, self.access.audit, SystemClock())

    @property
    def alert_rules(self) -> AlertRuleService:
        """Changes alert rules; a change is judged by at once."""
        changed = (lambda: None) if self.alerts is None else self.alerts.follow
        return build_alert_rules(self.settings, self.store, self.reader, changed)

    @cached_property
    def alert_links(self) -> AlertLinks:
        """Addresses in messages of alerts."""
        return build_links(self.settings)

    @cached_property
    def sites(self) -> SiteService:
        """Sites; what was learned about their doors is kept in it."""
        return SiteService(self.store.sites, self.store, SystemClock())

    @property
    def queues(self) -> QueueService:
        """Queues of sites."""
        return QueueService(self.store, SystemClock())

    @property
    def sales(self) -> SalesService:
        """Transactions of sites."""
        return SalesService(self.store.sites, self.store.site_records, SystemClock())

    @cached_property
    def models(self) -> ModelService:
        """Models that do not ship: listed, downloaded, added, removed."""
        return build_models(self.settings)

    @cached_property
    def previews(self) -> PreviewService:
        """Tries queries before they are counted; another detector that was tried is kept in it."""
        return PreviewService(
            QueryDetector(self.judged_detector, self.reader),
            lambda name: open_query_detector(self.settings, name),
            self.fleet,
            self.evidence,
            build_opener(self.settings),
        )

    @cached_property
    def displays(self) -> DisplayService:
        """Screens that show sites; those that wait to be paired are kept in it."""
        return DisplayService(self.store.displays, SystemClock())

    @property
    def judged_detector(self) -> Detector:
        """The detector for single images, whose objects the judge decides about too."""
        return verify_images(self.detector, self.verification)

    @property
    def tester(self) -> CameraTester:
        """Opens cameras before they are kept."""
        return CameraTester(self.opener or build_opener(self.settings), SystemClock())

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
        if self.opening is not None:
            wait([self.opening])
        closer.add("database", self.store.close)
        closer.add("evidence", self.evidence.close)
        if self.alerts is not None:
            closer.add("alerts", self.alerts.close)
        if self.shared is not None:
            closer.add("detector", self.shared.close)
        if self.choices is not None:
            closer.add("detectors of cameras", self.choices.close)
        if self.events is not None:
            closer.add("events", self.events.close)
        closer.add("fleet", self.fleet.close)
        closer.add("pruning", self.pruner.close)
        closer.add("schedules", self.scheduled.close)
        if self.mqtt is not None:
            closer.add("mqtt", self.mqtt.close)
        if self.delivery is not None:
            closer.add("delivery", self.delivery.close)
        closer.close()


def build_services(settings: Settings) -> Services:
    """Wire the whole app; what was opened is closed again if a later part fails.

    The network of the detector is opened meanwhile; who detects before it is open waits for it.

    Raises:
        OvdError: If the detector or the database cannot be used.
    """
    closer = Closer()
    with closer.on_error():
        return _build_services(settings, closer)


def _open_network(prepared: PreparedDetector, closer: Closer) -> Future[object]:
    """Open the network of a detector in a thread, while other things are loaded."""
    executor = ThreadPoolExecutor(1, "open network")
    opening: Future[object] = executor.submit(prepared.open)
    executor.shutdown(wait=False)
    closer.add("network", lambda: wait([opening]))
    return opening


def _subscribe_totals(store: CountStore, events: EventHub) -> tuple[CameraTotals, RecentTracks]:
    """Return what adds up events from now on."""
    totals, recent_tracks = CameraTotals(store.counts.query_id), RecentTracks()
    events.subscribe("totals", totals.handle)
    events.subscribe("recent tracks", recent_tracks.handle)
    return totals, recent_tracks


def _build_fleet(
    settings: Settings, choices: CountingChoices, queries: CameraQueryReader, shared: SharedDetector
) -> Fleet:
    return Fleet(
        choices.own.service,
        build_opener(settings),
        queries,
        lambda: shared.frames_per_s,
        service_of=choices.service_of,
    )


def _open_events(
    settings: Settings, detector: Detector, closer: Closer
) -> tuple[EvidenceArchive, EventHub]:
    """Open what takes events, and the images of what was counted, which follow from them."""
    evidence, events = open_evidence(settings), EventHub()
    closer.add("evidence", evidence.close)
    closer.add("events", events.close)
    record_evidence(settings, detector, evidence, events)
    return evidence, events


def _start_pruner(settings: Settings, store: CountStore, evidence: EvidenceArchive) -> Pruner:
    """Start to remove what need not be kept, days of sites being summed up before."""
    sites = SiteService(store.sites, store, SystemClock())
    summed = SummedFirst(store, sites.keep_days)
    return Pruner(summed, retention_policy(settings), give_room(settings, evidence))


def _build_services(settings: Settings, closer: Closer) -> Services:
    store = open_store(settings)
    closer.add("database", store.close)
    store.claim()
    followed = FollowedNames(store.taught_names, monotonic := SystemClock().monotonic)
    prepared = prepare_detector(settings, followed)
    opening = _open_network(prepared, closer)
    named = prepared.unopened.inner
    shared = SharedDetector(timed := TimedDetector(named, SystemClock()), SystemClock())
    detector = RelationDetector(shared)
    closer.add("detector", shared.close)
    evidence, events = _open_events(settings, detector, closer)
    totals, recent_tracks = _subscribe_totals(store, events)
    own = count_by(settings, detector, store, events)
    import_fleet_file(settings.data_dir / "fleet.json", CameraService(store.cameras))
    choices = build_choices(settings, own, detector, events, followed)
    closer.add("detectors of cameras", choices.close)
    camera_queries = CameraQueryReader(own.reader, store.saved_queries, choices.reader_of)
    fleet = _build_fleet(settings, choices, camera_queries, shared)
    closer.add("fleet", fleet.close)
    reports = ReportService(store, lambda text: own.reader.read(text).read_as)
    pruner = _start_pruner(settings, store, evidence)
    closer.add("pruning", pruner.close)
    services = Services(
        settings=settings,
        detector=detector,
        reader=own.reader,
        store=store,
        fleet=fleet,
        reports=reports,
        pruner=pruner,
        evidence=evidence,
        scheduled=build_scheduled_reports(settings, reports),
        saved_queries=store.saved_queries,
        queries=QueryService(own.reader),
        overview=OverviewService(fleet, store, monotonic),
        newest=NewestReports(store.counts, reports, monotonic),
        access=build_access(store, settings),
        totals=totals,
        today=TodayCounts(reports, monotonic, SystemClock().now),
        recent_tracks=recent_tracks,
        shared=shared,
        choices=choices,
        verification=own.verification,
        events=events,
        teaching=build_teaching(settings, prepared.network, store.taught_names, followed.expire),
        detect_times=timed.times,
        opening=opening,
    )
    return _with_alerts(services, events, camera_queries)


def _with_alerts(services: Services, events: EventHub, queries: CameraQueryReader) -> Services:
    """Return the services with what judges alerts and takes them, and counts, elsewhere."""
    settings, store, fleet = services.settings, services.store, services.fleet
    audit, clock = services.access.audit, SystemClock()
    mqtt = build_mqtt(settings, store, fleet, queries, events, audit)
    targets = build_targets(settings, store, audit, clock, mqtt)
    delivery = build_delivery(store, targets, services.evidence, clock)
    scheduled = build_scheduled_reports(settings, services.reports, targets)
    snapshots = build_snapshots(settings, services.detector, services.evidence)
    return replace(
        services,
        scheduled=scheduled,
        schedules=ScheduleService(store.schedules, parse_schedule, scheduled, audit, clock),
        alerts=build_alert_engine(settings, store, fleet, events, delivery.wake, snapshots),
        mqtt=mqtt,
        targets=targets,
        delivery=delivery,
    )
