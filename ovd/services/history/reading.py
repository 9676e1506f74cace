"""Reads the history of one camera from the store: rows per query, totals, zones, comparison."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from heapq import nlargest

from ovd.domain.time_zones import load_zone
from ovd.domain.tracking import ZoneEventRecord
from ovd.errors import InputError
from ovd.services.history.periods import choose_bucket, previous_of, shift_back
from ovd.services.history.stays import Stays, read_stays
from ovd.services.reports.buckets import Interval, elapsed_s
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.summary import SeriesSummary, summarise
from ovd.services.reports.zones import ZoneTotal

_WEEK = timedelta(days=7)
_LONGEST_DAY_S = 25 * 3600
MOST_EVENTS = 12
_NO_STAYS = Stays((), ())


class Baseline(StrEnum):
    """Kinds of comparison of a history: an earlier time, or another camera at the same time."""

    NONE = ""
    PREVIOUS = "previous"
    WEEK = "week"
    CAMERA = "camera"


@dataclass(frozen=True)
class HistoryRequest:
    """A camera and a period.

    Attributes:
        camera: Camera name; it may have been removed.
        interval: Start and end, aware.
        tz: IANA name of the time zone of buckets.
        baseline: What it is compared with.
        other: The camera of `Baseline.CAMERA`.
    """

    camera: str
    interval: Interval
    tz: str
    baseline: Baseline = Baseline.NONE
    other: str = ""


@dataclass(frozen=True, eq=False)
class HistorySeries:
    """One query of a history.

    Attributes:
        query: Reading of the query.
        rows: One per bucket, without holes; a bucket without observation has no counts.
        summary: Totals, peak, heat map.
        inside: Mean number inside areas per bucket; empty where none was observed.
        dwell_s: Mean stay of those who left one per bucket; likewise.
    """

    query: str
    rows: tuple[ReportRow, ...]
    summary: SeriesSummary
    inside: tuple[float | None, ...] = ()
    dwell_s: tuple[float | None, ...] = ()


@dataclass(frozen=True, eq=False)
class History:
    """Counts of one camera over a period.

    Attributes:
        interval: Start and end, aware UTC.
        bucket: Length of its rows, a name of `ovd.services.reports.buckets.BUCKETS`.
        series: The queries that were counted in it, highest mean first.
        zones: Totals of the zones that were observed.
        baseline: What it is compared with; None without, or where nothing was counted then.
        events: The newest events at its zones, newest first.
    """

    interval: Interval
    bucket: str
    series: tuple[HistorySeries, ...]
    zones: tuple[ZoneTotal, ...]
    baseline: "History | None" = None
    events: tuple[ZoneEventRecord, ...] = ()

    @property
    def has_weekdays(self) -> bool:
        """Return whether it is longer than a day, so that weekdays can be compared."""
        return elapsed_s(*self.interval) > _LONGEST_DAY_S

    @property
    def removed(self) -> frozenset[str]:
        """Return the queries that the camera is not asked any more, where it is asked others."""
        current = {series.query for series in self.series if series.summary.current}
        return frozenset(series.query for series in self.series if current) - current

    def series_of(self, query: str) -> HistorySeries | None:
        """Return the series of a query, None where it was not counted."""
        return next((series for series in self.series if series.query == query), None)


def read_history(reports: ReportService, request: HistoryRequest) -> History:
    """Read counts of a camera over a period.

    Args:
        reports: Builds reports of stored counts.
        request: What to read.

    Raises:
        CameraError: If the camera is unknown.
        InputError: If nothing was ever counted at the camera.
        TimeRangeError: If the interval is empty or outside the years that are supported.
        StoreError: If the database cannot be read.
    """
    bucket = choose_bucket(request.interval)
    baseline = _read_baseline(reports, request, bucket)
    history = _read_interval(reports, request, request.interval, bucket)
    if baseline is None or not baseline.series:
        return history
    return replace(history, baseline=baseline)


def _read_baseline(reports: ReportService, request: HistoryRequest, bucket: str) -> History | None:
    zone = load_zone(request.tz)
    match request.baseline:
        case Baseline.NONE:
            return None
        case Baseline.PREVIOUS:
            return _read_interval(reports, request, previous_of(request.interval, zone), bucket)
        case Baseline.WEEK:
            earlier = shift_back(request.interval, _WEEK, zone)
            return _read_interval(reports, request, earlier, bucket)
    try:
        other = replace(request, camera=request.other)
        return _read_interval(reports, other, request.interval, bucket)
    except InputError:  # nothing was ever counted there
        return None


def _read_interval(
    reports: ReportService, request: HistoryRequest, interval: Interval, bucket: str
) -> History:
    report = reports.build(
        ReportRequest((request.camera,), (), interval.start_at, interval.end_at, bucket, request.tz)
    )
    rows: defaultdict[str, list[ReportRow]] = defaultdict(list)
    summary = summarise(report, lambda row: rows[row.query].append(row))
    counted = [entry for entry in summary.busiest(len(summary.series)) if entry.totals.samples]
    stays: Mapping[str, Stays] = {}
    events: list[ZoneEventRecord] = []
    if counted and summary.zones:
        happened = report.store.zones.zone_events(report.selection)
        events = nlargest(MOST_EVENTS, happened, key=lambda event: event.at)
        shown = rows[counted[0].query]
        edges = [row.bucket_start for row in shown] + [row.bucket_end for row in shown[-1:]]
        stays = read_stays(report.store.zones, report.selection, edges)
    series = []
    for entry in counted:
        of_query = stays.get(entry.query, _NO_STAYS)
        numbers = of_query.inside, of_query.dwell_s
        series.append(HistorySeries(entry.query, tuple(rows[entry.query]), entry, *numbers))
    return History(interval, bucket, tuple(series), summary.zones, events=tuple(events))
