"""The whole set of services over fake video and a fake detector, with the real store."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ovd.bootstrap import Services, build_alert_engine, build_scheduled_reports
from ovd.bootstrap.delivery import build_delivery, build_targets
from ovd.bootstrap.schedules import parse_schedule
from ovd.detection.timing import TimedDetector
from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import OnUnreachable
from ovd.domain.ports import CameraStatus, FrameSource, SourceOptions
from ovd.domain.query import Query
from ovd.domain.records import RetentionPolicy
from ovd.errors import OpenFailure, SourceOpenError
from ovd.evidence.archive import EvidenceStore
from ovd.services.access.passwords import HashCost
from ovd.services.access.service import AccessService
from ovd.services.cameras.testing import CameraFinder
from ovd.services.cameras.trial import RecentTracks
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.fleet import Fleet
from ovd.services.counting.service import CountService
from ovd.services.events import EventHub
from ovd.services.history.today import TodayCounts
from ovd.services.monitoring.camera_totals import CameraTotals
from ovd.services.overview import OverviewService
from ovd.services.pruning import Pruner
from ovd.services.queries import QueryService
from ovd.services.reports.newest import NewestReports
from ovd.services.reports.report import ReportService
from ovd.services.reports.scheduling.service import ScheduleService
from ovd.settings import Settings
from ovd.video.clock import SystemClock
from ovd.video.network.discovery import FoundCamera
from tests.builders import make_frame, make_query
from tests.fakes import FakeDetector, FakeReader, ListSource, MemorySavedQueries
from tests.store.databases import make_empty, make_url, open_store

WAIT_S = 10.0
QUICK_HASH = HashCost(memory_kib=64, passes=1)
PERSON = make_query("person")


class Stage:
    """Services whose sources come from a table; `opened` tells what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.sources: dict[str, FrameSource] = {}
        self.refused: set[str] = set()
        self.opened: list[tuple[str, str, SourceOptions]] = []
        detector = TimedDetector(FakeDetector(), SystemClock())
        database = folder / "counts.db"
        store = open_store(make_url(database if database.exists() else make_empty(database)), 0.05)
        queries = CameraQueryReader(FakeReader(), store.saved_queries)
        events = EventHub()
        counter = CountService(detector, store, SystemClock(), events)
        totals = CameraTotals(store.counts.query_id)
        events.subscribe("totals", totals.handle)
        recent_tracks = RecentTracks()
        events.subscribe("recent tracks", recent_tracks.handle)
        fleet = Fleet(counter, self._open, queries)
        reports = ReportService(store)
        settings = Settings(data_dir=folder)
        access = AccessService(store.access, SystemClock(), cost=QUICK_HASH)
        evidence = EvidenceStore(folder / "evidence")
        targets = build_targets(settings, store, access.audit, SystemClock())
        scheduled = build_scheduled_reports(settings, reports, targets)
        self.services = Services(
            settings=settings,
            detector=detector,
            reader=FakeReader(),
            store=store,
            fleet=fleet,
            reports=reports,
            pruner=Pruner(store, RetentionPolicy()),
            evidence=evidence,
            scheduled=scheduled,
            saved_queries=MemorySavedQueries(),
            queries=QueryService(FakeReader()),
            overview=OverviewService(fleet, store, SystemClock().monotonic),
            newest=NewestReports(store.counts, reports, SystemClock().monotonic),
            access=access,
            totals=totals,
            today=TodayCounts(reports, SystemClock().monotonic, SystemClock().now),
            recent_tracks=recent_tracks,
            finder=CameraFinder(lambda: (FoundCamera("192.0.2.7", "AXIS P1", "P1"),)),
            events=events,
            detect_times=detector.times,
            targets=targets,
            schedules=ScheduleService(
                store.schedules, parse_schedule, scheduled, access.audit, SystemClock()
            ),
            delivery=build_delivery(store, targets, evidence, SystemClock()),
            alerts=build_alert_engine(settings, store, fleet, events),
        )

    def _open(self, uri: str, camera: str, options: SourceOptions) -> FrameSource:
        # How patient the fleet is, is its own affair.
        self.opened.append((uri, camera, replace(options, on_unreachable=OnUnreachable.FAIL)))
        if uri in self.refused:
            raise SourceOpenError(f"cannot open {camera}: refused", OpenFailure.REFUSED)
        if uri not in self.sources:
            raise SourceOpenError(f"cannot open {uri}: no such file")
        return self.sources[uri]

    def start(
        self,
        camera: str = "gate",
        frames: Sequence[Frame | Gap] | None = None,
        queries: Sequence[Query] = (PERSON,),
    ) -> CameraStatus:
        """Start a camera on a list of frames; by default ten of them."""
        shown = [make_frame(i, camera=camera) for i in range(10)] if frames is None else frames
        self.sources[camera] = ListSource(shown)
        return self.services.fleet.start(camera, camera, queries, SourceOptions())

    def count(
        self,
        camera: str = "gate",
        frames: Sequence[Frame | Gap] | None = None,
        queries: Sequence[Query] = (PERSON,),
    ) -> CameraStatus:
        """Count a list of frames to its end."""
        fleet = self.services.fleet
        status = self.start(camera, frames, queries)
        while status.state == "running":
            latest = fleet.latest(camera)
            fleet.wait_newer(camera, latest.sequence if latest else 0, WAIT_S)
            status = fleet.status(camera)
        self.services.store.flush()
        return status


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.services.close()
