"""ReportSummary: totals, time series and heatmaps of a report, from one pass over its rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ovd.services.reports.buckets import BUCKETS, Interval, elapsed_s
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.series.counted import CountedSeries
from ovd.services.reports.totals import RunningTotals, Totals
from ovd.services.reports.zones import ZoneTotal, read_zone_totals

MAX_POINTS = 600
DAYS_OF_WEEK, HOURS_OF_DAY = 7, 24

_DAY_S = 86400
# Share of the longest observed time of a query.
_LASTING = 0.25
_LONGEST_DAY_S = 25 * 3600
_LOCAL_EPOCH = datetime(1970, 1, 5)  # a Monday, read off a local clock
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600)
_STEPS_DAYS = (1, 2, 7, 14, 28, 91, 182, 364)

Heatmap = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class SeriesPoint:
    """One point of a time series.

    Attributes:
        start_at: Start, aware, in the report's time zone.
        end_at: End, exclusive, likewise.
        totals: Counts in it.
    """

    start_at: datetime
    end_at: datetime
    totals: Totals


@dataclass(frozen=True)
class SeriesSummary:
    """One query at one camera.

    Attributes:
        camera: Camera name.
        query: Reading of the query.
        totals: Over the whole report; their coverage is of the time in which the query was asked.
        peak_at: Start of the first bucket with the highest count, None without counts.
        points: The time series, whole and in order; at most `MAX_POINTS`.
        heatmap: Mean count by weekday from Monday and hour of the local clock, `(7, 24)`.
        unique: Distinct tracks in the whole report, None if nothing was tracked.
        typed: The forms in which the query was typed.
        current: Whether the camera is asked it now; others were removed.
    """

    camera: str
    query: str
    totals: Totals
    peak_at: datetime | None
    points: tuple[SeriesPoint, ...]
    heatmap: Heatmap
    unique: int | None = None
    typed: tuple[str, ...] = ()
    current: bool = True


@dataclass(frozen=True)
class QueryTotal:
    """One query over all cameras.

    Attributes:
        query: Reading of the query.
        cameras: Number of cameras that counted it in the period of the report.
        mean_count: Sum of the cameras' means, None if no camera counted it.
        max_count: Highest count of one frame of one camera, or None.
    """

    query: str
    cameras: int
    mean_count: float | None
    max_count: int | None


@dataclass(frozen=True)
class ReportSummary:
    """The totals and time series of a report.

    Attributes:
        start_at: Start, aware, in the report's time zone.
        end_at: End, exclusive, likewise.
        bucket: Length of the report's rows.
        tz: Name of its time zone.
        step_s: Seconds of local time per point of the series.
        rows: Number of rows.
        series: Every camera and query, in the order of the rows.
        zones: Totals of every observed zone, by camera, query and name.
        judges: Judges that decided about its tracks, each with its threshold.
        folded: Queries that are told apart from `series`, because they were removed.
    """

    start_at: datetime
    end_at: datetime
    bucket: str
    tz: str
    step_s: int
    rows: int
    series: tuple[SeriesSummary, ...]
    zones: tuple[ZoneTotal, ...] = ()
    judges: tuple[str, ...] = ()
    folded: tuple[SeriesSummary, ...] = ()

    @property
    def cameras(self) -> tuple[str, ...]:
        """Return its cameras, in order."""
        return tuple(dict.fromkeys(entry.camera for entry in self.series))

    @property
    def queries(self) -> tuple[str, ...]:
        """Return its queries, highest mean first."""
        return tuple(total.query for total in self.ranking())

    @property
    def coverage(self) -> float:
        """Return the share of the time in which its cameras were observed, in [0, 1].

        A camera was observed when any of its queries was counted: one that was asked for a while
        only does not lower it.
        """
        best: dict[str, dict[datetime, tuple[float, float]]] = {}
        for entry in (*self.series, *self.folded):
            points = best.setdefault(entry.camera, {})
            for point in entry.points:
                share = point.totals.coverage, elapsed_s(point.start_at, point.end_at)
                points[point.start_at] = max(points.get(point.start_at, share), share)
        shares = [_mean_share(tuple(points.values())) for points in best.values()]
        return sum(shares) / len(shares) if shares else 0.0

    @property
    def has_weekdays(self) -> bool:
        """Return whether it is longer than a day, so that weekdays can be compared."""
        return elapsed_s(self.start_at, self.end_at) > _LONGEST_DAY_S

    @property
    def has_crossings(self) -> bool:
        """Return whether crossings of any line were observed."""
        return any(
            entry.totals.crossed_in is not None or entry.totals.crossed_out is not None
            for entry in self.series
        )

    @property
    def has_unique(self) -> bool:
        """Return whether any of its objects were tracked."""
        return any(entry.unique is not None for entry in self.series)

    @property
    def has_unjudged(self) -> bool:
        """Return whether any objects were not judged yet, or could not be."""
        return any(
            bool(entry.totals.mean_pending or entry.totals.mean_unknown) for entry in self.series
        )

    def ranking(self) -> tuple[QueryTotal, ...]:
        """Return its queries by the mean number visible at once, highest first."""
        totals = [self._total(text) for text in dict.fromkeys(s.query for s in self.series)]
        return tuple(
            sorted(totals, key=lambda t: (t.mean_count is None, -(t.mean_count or 0.0), t.query))
        )

    def lasting(self) -> tuple[QueryTotal, ...]:
        """Return the ranking without queries that were counted in a small part of the time only.

        Such as typos, and queries that were removed soon: they are in the tables, but make no
        headline.
        """
        seen_s: dict[str, float] = {}
        for entry in self.series:
            seen_s[entry.query] = max(seen_s.get(entry.query, 0.0), entry.totals.observed_s)
        longest_s = max(seen_s.values(), default=0.0)
        return tuple(
            total
            for total in self.ranking()
            if total.mean_count is not None and seen_s[total.query] >= _LASTING * longest_s
        )

    def busiest(self, limit: int) -> tuple[SeriesSummary, ...]:
        """Return the series with the highest means, highest first."""
        ordered = sorted(
            self.series,
            key=lambda s: (s.totals.mean_count is None, -(s.totals.mean_count or 0.0)),
        )
        return tuple(ordered[:limit])

    def _total(self, query: str) -> QueryTotal:
        totals = [s.totals for s in self.series if s.query == query]
        means = [t.mean_count for t in totals if t.mean_count is not None]
        return QueryTotal(
            query=query,
            cameras=len(means),
            mean_count=sum(means) if means else None,
            max_count=max((t.max_count for t in totals if t.max_count is not None), default=None),
        )


class _Merger:
    """Merges consecutive intervals into longer ones of the local clock."""

    def __init__(self, step_s: int) -> None:
        self._step_s = step_s
        self._key: tuple[float, timedelta | None] | None = None
        self._start_at = self._end_at = datetime.min
        self._sums = RunningTotals()
        self.points: list[SeriesPoint] = []

    def add(self, start_at: datetime, end_at: datetime, part: Totals | ReportRow) -> None:
        key = self._key_of(start_at)
        if key != self._key:
            self.close()
            self._key, self._start_at, self._sums = key, start_at, RunningTotals()
        self._end_at = end_at
        self._sums.add(part, elapsed_s(start_at, end_at))

    def close(self) -> None:
        if self._key is not None:
            self.points.append(SeriesPoint(self._start_at, self._end_at, self._sums.totals()))
            self._key = None

    def _key_of(self, at: datetime) -> tuple[float, timedelta | None]:
        """Return a key that is equal for times of one interval; a repeated hour has two."""
        local = at.replace(tzinfo=None) - _LOCAL_EPOCH
        offset = at.utcoffset() if self._step_s < _DAY_S else None
        return local.total_seconds() // self._step_s, offset


@dataclass
class _SeriesAccumulator:
    """The running summary of one series."""

    merger: _Merger
    sums: RunningTotals = field(default_factory=RunningTotals)
    peak: int = -1
    peak_at: datetime | None = None
    heatmap: list[list[float]] = field(
        default_factory=lambda: [[0.0, 0.0] for _ in range(DAYS_OF_WEEK * HOURS_OF_DAY)]
    )

    def add(self, row: ReportRow) -> None:
        self.sums.add(row, elapsed_s(row.bucket_start, row.bucket_end))
        self.merger.add(row.bucket_start, row.bucket_end, row)
        if row.max_count is not None and row.max_count > self.peak:
            self.peak, self.peak_at = row.max_count, row.bucket_start

    def add_to_heatmap(self, row: ReportRow) -> None:
        if row.samples and row.mean_count is not None:
            hour = row.bucket_start.weekday() * HOURS_OF_DAY + row.bucket_start.hour
            cell = self.heatmap[hour]
            cell[0] += row.mean_count * row.samples
            cell[1] += row.samples

    def finish(self, camera: str, query: str) -> SeriesSummary:
        self.merger.close()
        means = [total / samples if samples else None for total, samples in self.heatmap]
        days = range(0, len(means), HOURS_OF_DAY)
        return SeriesSummary(
            camera=camera,
            query=query,
            totals=self.sums.totals(),
            peak_at=self.peak_at,
            points=tuple(self.merger.points),
            heatmap=tuple(tuple(means[day : day + HOURS_OF_DAY]) for day in days),
        )


class SummaryCollector:
    """Collects the summary of a report from its rows.

    Its memory depends on the number of series, not on the number of rows.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        length_s = elapsed_s(report.start_at, report.end_at)
        self._step_s = choose_step_s(length_s, BUCKETS[report.bucket], MAX_POINTS)
        self._series = {key: _SeriesAccumulator(_Merger(self._step_s)) for key in report.series}
        self._by_day = BUCKETS[report.bucket] >= _DAY_S
        self._rows = 0

    def add(self, row: ReportRow) -> None:
        """Add one row."""
        self._rows += 1
        accumulator = self._series[row.key]
        accumulator.add(row)
        if not self._by_day:
            accumulator.add_to_heatmap(row)

    def finish(self) -> ReportSummary:
        """Return the summary; day rows are read again by the hour, for the heatmap.

        Raises:
            StoreError: If the database cannot be read.
        """
        if self._by_day:
            for row in replace(self._report, bucket="1h"):
                self._series[row.key].add_to_heatmap(row)
        return ReportSummary(
            start_at=self._report.start_at,
            end_at=self._report.end_at,
            bucket=self._report.bucket,
            tz=self._report.zone.key,
            step_s=self._step_s,
            rows=self._rows,
            series=tuple(self._finish_series()),
            zones=read_zone_totals(self._report.store.zones, self._report.selection),
            judges=self._report.judges,
        )

    def _finish_series(self) -> Iterator[SeriesSummary]:
        movements = self._report.movements()
        whole = Interval(self._report.start_at.astimezone(UTC), self._report.end_at.astimezone(UTC))
        for entry in self._report.counted:
            accumulator = self._series[entry.key]
            (moved,) = movements.of(entry.key, [whole])
            summary = accumulator.finish(*entry.key)
            coverage = _coverage_when_asked(summary.totals, entry, whole)
            yield replace(
                summary,
                totals=replace(summary.totals, coverage=coverage),
                unique=moved.unique if summary.totals.samples else None,
                typed=entry.typed,
                current=entry.current,
            )


def _coverage_when_asked(totals: Totals, series: CountedSeries, whole: Interval) -> float:
    """Return the share of the time that was observed in which a query was asked."""
    covered_s = totals.coverage * elapsed_s(*whole)
    asked_s = series.asked_s(*whole)
    return round(min(1.0, covered_s / asked_s), 6) if asked_s > 0 else float(covered_s > 0)


def _mean_share(parts: Sequence[tuple[float, float]]) -> float:
    """Return the mean of shares, each with the seconds that it is of."""
    length_s = sum(part_s for _, part_s in parts)
    return sum(share * part_s for share, part_s in parts) / length_s if length_s else 0.0


def summarise(report: Report, on_row: Callable[[ReportRow], None] | None = None) -> ReportSummary:
    """Read a report once and summarise it.

    Args:
        report: The report to read.
        on_row: Called with every row that is read.

    Raises:
        StoreError: If the database cannot be read.
    """
    collector = SummaryCollector(report)
    for row in report:
        collector.add(row)
        if on_row is not None:
            on_row(row)
    return collector.finish()


def merge_points(points: tuple[SeriesPoint, ...], step_s: int) -> tuple[SeriesPoint, ...]:
    """Merge the points of a series into fewer.

    Args:
        points: Of one series, in order.
        step_s: Seconds of local time of the merged ones, as `choose_step_s` gives them.
    """
    merger = _Merger(step_s)
    for point in points:
        merger.add(point.start_at, point.end_at, point.totals)
    merger.close()
    return tuple(merger.points)


def choose_step_s(length_s: float, min_step_s: int, limit: int) -> int:
    """Return a common step that divides `length_s` into about `limit` parts or fewer.

    Args:
        length_s: Seconds to divide.
        min_step_s: Lower bound of the result.
        limit: How many pieces there may be.
    """
    steps = (*_STEPS_S, *(days * _DAY_S for days in _STEPS_DAYS))
    fitting = (step for step in steps if step >= min_step_s and length_s / step <= limit)
    return next(fitting, steps[-1])
