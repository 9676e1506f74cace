"""What happened at zones, told by hand and kept in a real database."""

from datetime import datetime, timedelta

from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.records import Run
from ovd.domain.zones import LineZone, PolygonZone, Zone
from ovd.services.reports.report import Report, ReportRequest, ReportService
from ovd.store import SqlStore
from tests.builders import START, make_frame, make_query, make_result

DOOR = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
HALL = PolygonZone("hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
BOX = (0.0, 0.0, 1.0, 1.0)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class ZoneScene:
    """Camera "gate", whose query "person" was counted from second 0 to 100."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.camera = store.cameras.record("gate", "clip.mp4")
        self.run = self.start_run()
        self.set_zones(DOOR, HALL)
        for second in (0, 100):
            result = make_result(make_frame(second * 10), {"person": 1})
            store.counts.add_result(self.run, result)

    def start_run(self) -> Run:
        return self.store.runs.start(self.camera, "fake", "0" * 64, START)

    def set_zones(self, *zones: Zone) -> None:
        self.store.zones.replace(self.camera, zones)

    def watch(self, first_s: float, last_s: float, *zones: Zone, run: Run | None = None) -> None:
        self.store.zones.add_tracked_interval(
            run or self.run, make_query(), zones, at(first_s), at(last_s)
        )

    def cross(self, track_id: int, seconds: float, kind: ZoneEventKind, zone: Zone = DOOR) -> None:
        self._add(self.run, CountEvent(zone, "person", track_id, kind, 0, at(seconds), 0.5, BOX))

    def visit(
        self, track_id: int, entered_s: float, left_s: float | None, run: Run | None = None
    ) -> None:
        """A visit of the hall; None is one that nobody saw end."""
        run = run or self.run
        entry = CountEvent(
            HALL, "person", track_id, ZoneEventKind.ENTER, 0, at(entered_s), 0.5, BOX
        )
        self._add(run, entry)
        if left_s is not None:
            end = (ZoneEventKind.EXIT, 0, at(left_s), 0.5, BOX, left_s - entered_s)
            self._add(run, CountEvent(HALL, "person", track_id, *end))

    def report(self, start_s: float = 0, end_s: float = 200) -> Report:
        self.store.flush()
        request = ReportRequest(bucket="1m", start_at=at(start_s), end_at=at(end_s))
        return ReportService(self.store).build(request)

    def _add(self, run: Run, event: CountEvent) -> None:
        self.store.zones.add_event(run, make_query(), event)


def tell_a_day(scene: ZoneScene) -> None:
    """The door 3 in and 1 out; the hall 5 in and 4 out, on the mean 1.14 and at most 3 inside.

    Those who left stayed 2, 2, 10 and 20 s: 8.5 on the mean, 6 in the middle.
    """
    scene.watch(0, 100, DOOR, HALL)
    for track_id, seconds in ((1, 3), (2, 8), (3, 50)):
        scene.cross(track_id, seconds, ZoneEventKind.IN)
    scene.cross(1, 60, ZoneEventKind.OUT)
    for track_id, entered_s, left_s in (
        (1, 0, 10),
        (2, 5, 25),
        (3, 20, None),
        (4, 10, 12),
        (5, 6, 8),
    ):
        scene.visit(track_id, entered_s, left_s)
