"""Reads the history of one camera from the store: rows per query, totals, zones, comparison."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ovd.domain.time_zones import load_zone
from ovd.services.history.periods import choose_bucket, previous_of, shift_back
from ovd.services.reports.buckets import Interval, elapsed_s
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.summary import SeriesSummary, summarise
from ovd.services.reports.zones import ZoneTotal

_WEEK = timedelta(days=7)
_LONGEST_DAY_S = 25 * 3600


class Baseline(StrEnum):
    """An earlier time that a history is compared with."""

    NONE = ""
    PREVIOUS = "previous"
    WEEK = "week"


@dataclass(frozen=True)
class HistoryRequest:
    """A camera and a period.

    Attributes:
        camera: Camera name; it may have been removed.
        interval: Start and end, aware.
        tz: IANA name of the time zone of buckets.
        baseline: What it is compared with.
    """

    camera: str
    interval: Interval
    tz: str
    baseline: Baseline = Baseline.NONE


@dataclass(frozen=True, eq=False)
class HistorySeries:
    """One query of a history.

    Attributes:
        query: Reading of the query.
        rows: One per bucket, without holes; a bucket without observation has no counts.
        summary: Totals, peak, heat map.
    """

    query: str
    rows: tuple[ReportRow, ...]
    summary: SeriesSummary


@dataclass(frozen=True, eq=False)
class History:
    """Counts of one camera over a period.

    Attributes:
        interval: Start and end, aware UTC.
        bucket: Length of its rows, a name of `ovd.services.reports.buckets.BUCKETS`.
        series: The queries that were counted in it, highest mean first.
        zones: Totals of the zones that were observed.
        baseline: What it is compared with; None without, or where nothing was counted then.
    """

    interval: Interval
    bucket: str
    series: tuple[HistorySeries, ...]
    zones: tuple[ZoneTotal, ...]
    baseline: "History | None" = None

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
    zone = load_zone(request.tz)
    bucket = choose_bucket(request.interval)
    baseline: History | None = None
    if request.baseline is not Baseline.NONE:
        earlier = (
            shift_back(request.interval, _WEEK, zone)
            if request.baseline is Baseline.WEEK
            else previous_of(request.interval, zone)
        )
        baseline = _read_interval(reports, request, earlier, bucket)
    history = _read_interval(reports, request, request.interval, bucket)
    if baseline is None or not baseline.series:
        return history
    return History(history.interval, bucket, history.series, history.zones, baseline)


def _read_interval(
    reports: ReportService, request: HistoryRequest, interval: Interval, bucket: str
) -> History:
    report = reports.build(
        ReportRequest((request.camera,), (), interval.start_at, interval.end_at, bucket, request.tz)
    )
    rows: defaultdict[str, list[ReportRow]] = defaultdict(list)
    summary = summarise(report, lambda row: rows[row.query].append(row))
    counted = [entry for entry in summary.busiest(len(summary.series)) if entry.totals.samples]
    series = (HistorySeries(entry.query, tuple(rows[entry.query]), entry) for entry in counted)
    return History(interval, bucket, tuple(series), summary.zones)
