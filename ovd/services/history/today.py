"""TodayCounts: what was counted since midnight, as reports tell it, read every now and then."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ovd.domain.query import Query
from ovd.domain.time_zones import load_zone
from ovd.errors import OvdError
from ovd.services.reports.buckets import floor_edge, next_edge
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.series.key import SeriesKey

SHORTEST_INTERVAL_S = 5.0
# Reading takes at most this share of the time.
_SHARE = 0.05
# What nobody asks for any more is not read any more.
FORGOTTEN_AFTER_S = 60.0


@dataclass(frozen=True)
class DayNumbers:
    """The numbers of one query at one camera since midnight; None where it was not measured.

    Attributes:
        unique: Different objects.
        crossed_in: Crossings inwards of all lines together.
        crossed_out: Crossings outwards.
    """

    unique: int | None
    crossed_in: int | None
    crossed_out: int | None


Numbers = Mapping[SeriesKey, DayNumbers]
NO_NUMBERS: Numbers = {}


def numbers_of(numbers: Numbers, camera: str, queries: Sequence[Query]) -> Mapping[str, DayNumbers]:
    """Return the numbers of the queries of a camera, by text; each has those of its reading.

    Args:
        numbers: Of `TodayCounts.peek`.
        camera: Name of the camera.
        queries: What it counts.
    """
    found = ((query.text, numbers.get(SeriesKey(camera, query.read_as))) for query in queries)
    return {text: day for text, day in found if day is not None}


@dataclass
class _Day:
    """The numbers in one time zone."""

    asked_at: float
    due_at: float
    numbers: Numbers = field(default_factory=dict)


class TodayCounts:
    """Numbers of the running day by time zone; every method may be called from any thread."""

    def __init__(
        self,
        reports: ReportService,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """Begin without numbers.

        Args:
            reports: Reads them.
            monotonic: Seconds of a clock that never goes back.
            now: The present, aware.
        """
        self._reports = reports
        self._monotonic = monotonic
        self._now = now
        self._lock = threading.Lock()
        self._days: dict[str, _Day] = {}

    def peek(self, zone: str) -> Numbers:
        """Return what was read last, and have it read again when it is due; does no I/O."""
        moment = self._monotonic()
        with self._lock:
            day = self._days.setdefault(zone, _Day(moment, moment))
            day.asked_at = moment
            return day.numbers

    def refresh(self) -> bool:
        """Read what is due; say whether something was read."""
        began_at = self._monotonic()
        with self._lock:
            self._days = {
                zone: day
                for zone, day in self._days.items()
                if began_at - day.asked_at < FORGOTTEN_AFTER_S
            }
            due = [zone for zone, day in self._days.items() if day.due_at <= began_at]
        if not due:
            return False
        zone = due[0]
        try:
            numbers = self._read(zone)
        except OvdError:  # the page says elsewhere that the database fails
            numbers = None
        ended_at = self._monotonic()
        with self._lock:
            day = self._days.setdefault(zone, _Day(began_at, began_at))
            day.numbers = day.numbers if numbers is None else numbers
            day.due_at = ended_at + max(SHORTEST_INTERVAL_S, (ended_at - began_at) / _SHARE)
        return True

    def _read(self, zone_name: str) -> Numbers:
        zone = load_zone(zone_name)
        start_at = floor_edge(self._now(), "1d", zone)
        end_at = next_edge(start_at + timedelta(seconds=1), "1d", zone)
        request = ReportRequest(start_at=start_at, end_at=end_at, bucket="1d", tz=zone_name)
        return {
            SeriesKey(row.camera, row.query): DayNumbers(
                row.unique, row.crossed_in, row.crossed_out
            )
            for row in self._reports.build(request)
        }
