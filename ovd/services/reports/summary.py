"""ReportSummary: what a report says at a glance, gathered in one pass over its rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ovd.services.reports.buckets import BUCKETS, elapsed_s
from ovd.services.reports.report import Report, ReportRow
from ovd.services.reports.zones import ZoneTotal, read_zone_totals

MOST_POINTS = 600
DAYS_OF_WEEK, HOURS_OF_DAY = 7, 24

_DAY_S = 86400
_LONGEST_DAY_S = 25 * 3600
_LOCAL_EPOCH = datetime(1970, 1, 5)  # a Monday, read off a local clock
_DECIMALS = 6
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600)
_STEPS_DAYS = (1, 2, 7, 14, 28, 91, 182, 364)

Heat = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Totals:
    """Sums over a stretch of time; what was not observed or not tracked is None, never 0.

    Attributes:
        observed_s: Seconds that counted frames stand for.
        samples: Counted frames.
        mean_count: Mean count of a frame.
        max_count: Highest count of a frame.
        crossed_in: Crossings of lines inwards.
        crossed_out: Crossings of lines outwards.
        coverage: Share of the stretch that was observed, in [0, 1].
    """

    observed_s: float
    samples: int
    mean_count: float | None
    max_count: int | None
    crossed_in: int | None
    crossed_out: int | None
    coverage: float

    @property
    def balance(self) -> int | None:
        """How many more came in than went out."""
        if self.crossed_in is None or self.crossed_out is None:
            return None
        return self.crossed_in - self.crossed_out


@dataclass(frozen=True)
class Point:
    """One stretch of a time series.

    Attributes:
        start_at: Start, aware, in the report's time zone.
        end_at: End, exclusive, likewise.
        totals: What was counted in it.
    """

    start_at: datetime
    end_at: datetime
    totals: Totals


@dataclass(frozen=True)
class SeriesSummary:
    """One query at one camera.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        totals: Over the whole report.
        peak_at: Start of the first bucket that holds the highest count, None without counts.
        points: The time series, whole and in order; at most `MOST_POINTS`.
        heat: Mean count by weekday from Monday and hour of the local clock, `(7, 24)`.
        unique: Different tracks in the whole report, None where nothing was followed.
    """

    camera: str
    query: str
    totals: Totals
    peak_at: datetime | None
    points: tuple[Point, ...]
    heat: Heat
    unique: int | None = None


@dataclass(frozen=True)
class QueryTotal:
    """One query at all cameras together.

    Attributes:
        query: Query text as typed.
        cameras: How many cameras counted it in the time of the report.
        mean_count: Sum of the cameras' means, None when it was nowhere counted.
        max_count: Highest count of one frame of one camera, or None.
    """

    query: str
    cameras: int
    mean_count: float | None
    max_count: int | None


@dataclass(frozen=True)
class ReportSummary:
    """A report at a glance.

    Attributes:
        start_at: First moment, aware, in the report's time zone.
        end_at: Last moment, exclusive, likewise.
        bucket: Length of the report's rows.
        tz: Name of its time zone.
        step_s: Seconds of local time that a point of the series stands for.
        rows: How many rows it has.
        series: Every camera and query, in the order of the rows.
        zones: What happened at every zone that was watched, by camera, query and name.
    """

    start_at: datetime
    end_at: datetime
    bucket: str
    tz: str
    step_s: int
    rows: int
    series: tuple[SeriesSummary, ...]
    zones: tuple[ZoneTotal, ...] = ()

    @property
    def cameras(self) -> tuple[str, ...]:
        """Its cameras, in order."""
        return tuple(dict.fromkeys(entry.camera for entry in self.series))

    @property
    def queries(self) -> tuple[str, ...]:
        """Its queries, the most seen first."""
        return tuple(total.query for total in self.ranking())

    @property
    def coverage(self) -> float:
        """Observed share of the time of all series, in [0, 1]."""
        if not self.series:
            return 0.0
        return sum(entry.totals.coverage for entry in self.series) / len(self.series)

    @property
    def has_weekdays(self) -> bool:
        """Whether it is long enough for weekdays to be told apart."""
        return elapsed_s(self.start_at, self.end_at) > _LONGEST_DAY_S

    @property
    def has_crossings(self) -> bool:
        """Whether anything that crosses lines was tracked."""
        return any(
            entry.totals.crossed_in is not None or entry.totals.crossed_out is not None
            for entry in self.series
        )

    @property
    def has_unique(self) -> bool:
        """Whether any of its objects were followed."""
        return any(entry.unique is not None for entry in self.series)

    def ranking(self) -> tuple[QueryTotal, ...]:
        """Queries by how many were visible at once on the mean, most first."""
        totals = [self._total(text) for text in dict.fromkeys(s.query for s in self.series)]
        return tuple(
            sorted(totals, key=lambda t: (t.mean_count is None, -(t.mean_count or 0.0), t.query))
        )

    def busiest(self, at_most: int) -> tuple[SeriesSummary, ...]:
        """The series with the highest means, highest first."""
        ordered = sorted(
            self.series,
            key=lambda s: (s.totals.mean_count is None, -(s.totals.mean_count or 0.0)),
        )
        return tuple(ordered[:at_most])

    def _total(self, query: str) -> QueryTotal:
        totals = [s.totals for s in self.series if s.query == query]
        means = [t.mean_count for t in totals if t.mean_count is not None]
        return QueryTotal(
            query=query,
            cameras=len(means),
            mean_count=sum(means) if means else None,
            max_count=max((t.max_count for t in totals if t.max_count is not None), default=None),
        )


@dataclass
class _Sums:
    """What has been added up so far."""

    length_s: float = 0.0
    observed_s: float = 0.0
    covered_s: float = 0.0
    samples: int = 0
    count_sum: float = 0.0
    count_max: int | None = None
    crossed_in: int | None = None
    crossed_out: int | None = None

    def add(self, totals: Totals | ReportRow, length_s: float) -> None:
        self.length_s += length_s
        self.covered_s += totals.coverage * length_s
        if totals.samples:
            self.observed_s += totals.observed_s
            self.samples += totals.samples
            self.count_sum += (totals.mean_count or 0.0) * totals.samples
            self.count_max = max(self.count_max or 0, totals.max_count or 0)
        if totals.crossed_in is not None:
            self.crossed_in = (self.crossed_in or 0) + totals.crossed_in
        if totals.crossed_out is not None:
            self.crossed_out = (self.crossed_out or 0) + totals.crossed_out

    def totals(self) -> Totals:
        return Totals(
            observed_s=round(self.observed_s, _DECIMALS),
            samples=self.samples,
            mean_count=self.count_sum / self.samples if self.samples else None,
            max_count=self.count_max,
            crossed_in=self.crossed_in,
            crossed_out=self.crossed_out,
            coverage=round(self.covered_s / self.length_s, _DECIMALS) if self.length_s else 0.0,
        )


class _Merger:
    """Merges stretches that follow each other into longer ones of the local clock."""

    def __init__(self, step_s: int) -> None:
        self._step_s = step_s
        self._key: tuple[float, timedelta | None] | None = None
        self._start_at = self._end_at = datetime.min
        self._sums = _Sums()
        self.points: list[Point] = []

    def add(self, start_at: datetime, end_at: datetime, part: Totals | ReportRow) -> None:
        key = self._key_of(start_at)
        if key != self._key:
            self.close()
            self._key, self._start_at, self._sums = key, start_at, _Sums()
        self._end_at = end_at
        self._sums.add(part, elapsed_s(start_at, end_at))

    def close(self) -> None:
        if self._key is not None:
            self.points.append(Point(self._start_at, self._end_at, self._sums.totals()))
            self._key = None

    def _key_of(self, moment: datetime) -> tuple[float, timedelta | None]:
        """Equal for the moments of one stretch; a repeated hour is there twice."""
        local = moment.replace(tzinfo=None) - _LOCAL_EPOCH
        offset = moment.utcoffset() if self._step_s < _DAY_S else None
        return local.total_seconds() // self._step_s, offset


@dataclass
class _Gathering:
    """One series while its rows come in."""

    merger: _Merger
    sums: _Sums = field(default_factory=_Sums)
    peak: int = -1
    peak_at: datetime | None = None
    heat: list[list[float]] = field(
        default_factory=lambda: [[0.0, 0.0] for _ in range(DAYS_OF_WEEK * HOURS_OF_DAY)]
    )

    def add(self, row: ReportRow) -> None:
        self.sums.add(row, elapsed_s(row.bucket_start, row.bucket_end))
        self.merger.add(row.bucket_start, row.bucket_end, row)
        if row.max_count is not None and row.max_count > self.peak:
            self.peak, self.peak_at = row.max_count, row.bucket_start

    def add_heat(self, row: ReportRow) -> None:
        if row.samples and row.mean_count is not None:
            hour = row.bucket_start.weekday() * HOURS_OF_DAY + row.bucket_start.hour
            cell = self.heat[hour]
            cell[0] += row.mean_count * row.samples
            cell[1] += row.samples

    def finish(self, camera: str, query: str) -> SeriesSummary:
        self.merger.close()
        means = [total / samples if samples else None for total, samples in self.heat]
        days = range(0, len(means), HOURS_OF_DAY)
        return SeriesSummary(
            camera=camera,
            query=query,
            totals=self.sums.totals(),
            peak_at=self.peak_at,
            points=tuple(self.merger.points),
            heat=tuple(tuple(means[day : day + HOURS_OF_DAY]) for day in days),
        )


class SummaryCollector:
    """Takes the rows of a report as they pass and keeps what its summary needs.

    What it keeps depends on the number of series, not on the number of rows.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        length_s = elapsed_s(report.start_at, report.end_at)
        self._step_s = choose_step_s(length_s, BUCKETS[report.bucket], MOST_POINTS)
        self._series = {pair: _Gathering(_Merger(self._step_s)) for pair in report.series}
        self._by_day = BUCKETS[report.bucket] >= _DAY_S
        self._rows = 0

    def add(self, row: ReportRow) -> None:
        """Take one row."""
        self._rows += 1
        gathering = self._series[row.camera, row.query]
        gathering.add(row)
        if not self._by_day:
            gathering.add_heat(row)

    def finish(self) -> ReportSummary:
        """The summary; rows of whole days are read again by the hour, for the heat map.

        Raises:
            StoreError: If the database cannot be read.
        """
        if self._by_day:
            for row in replace(self._report, bucket="1h"):
                self._series[row.camera, row.query].add_heat(row)
        return ReportSummary(
            start_at=self._report.start_at,
            end_at=self._report.end_at,
            bucket=self._report.bucket,
            tz=self._report.zone.key,
            step_s=self._step_s,
            rows=self._rows,
            series=tuple(self._finish_series()),
            zones=read_zone_totals(self._report.store.zones, self._report.selection),
        )

    def _finish_series(self) -> Iterator[SeriesSummary]:
        movements = self._report.movements()
        whole = (self._report.start_at.astimezone(UTC), self._report.end_at.astimezone(UTC))
        for pair, gathering in self._series.items():
            (moved,) = movements.of(pair, [whole])
            unique = moved.unique if gathering.sums.samples else None
            yield replace(gathering.finish(*pair), unique=unique)


def summarise(report: Report, each: Callable[[ReportRow], None] | None = None) -> ReportSummary:
    """Read a report once and sum it up.

    Args:
        report: What to read.
        each: Called with every row on the way.

    Raises:
        StoreError: If the database cannot be read.
    """
    collector = SummaryCollector(report)
    for row in report:
        collector.add(row)
        if each is not None:
            each(row)
    return collector.finish()


def merge_points(points: tuple[Point, ...], step_s: int) -> tuple[Point, ...]:
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


def choose_step_s(length_s: float, shortest_s: int, at_most: int) -> int:
    """A stretch people think in that cuts `length_s` into about `at_most` pieces or fewer.

    Args:
        length_s: Seconds to cut.
        shortest_s: The result is no shorter.
        at_most: How many pieces there may be.
    """
    steps = (*_STEPS_S, *(days * _DAY_S for days in _STEPS_DAYS))
    fitting = (step for step in steps if step >= shortest_s and length_s / step <= at_most)
    return next(fitting, steps[-1])
