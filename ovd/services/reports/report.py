"""ReportService: aggregates stored counts into rows per camera, query and local time bucket."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby
from zoneinfo import ZoneInfo

from ovd.domain.names import normalise_name
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection, CountTotal
from ovd.domain.time_zones import load_zone
from ovd.errors import TimeRangeError
from ovd.services.reports.buckets import (
    BUCKETS,
    FIRST_YEAR,
    LAST_YEAR,
    Interval,
    OffsetInterval,
    elapsed_s,
    floor_edge,
    next_edge,
    split_by_offset,
    split_range,
)
from ovd.services.reports.judges import find_judges
from ovd.services.reports.rows import COLUMNS, TYPED_COLUMNS, UNJUDGED_COLUMNS, ReportRow
from ovd.services.reports.series.counted import (
    CountedSeries,
    choose_series,
    leave_out_uncounted,
    list_series,
    require_cameras,
)
from ovd.services.reports.series.key import SeriesKey
from ovd.services.reports.series.store import ReadingStore, SeriesStore
from ovd.services.reports.uniques import Movement, Movements

MAX_ROWS = 2_000_000

# Before this year some zones were off UTC by odd seconds, so minutes of UTC do not fit theirs.
_FIRST_WHOLE_MINUTE_YEAR = 1973
# Up to this number, the buckets of a report are kept for the next series.
_MAX_CACHED_BUCKETS = 50_000
_TOLERANCE = 1.5
_DECIMALS = 6


@dataclass(frozen=True)
class ReportRequest:
    """The selection, range and buckets of a report.

    Attributes:
        cameras: Camera names; empty means all.
        queries: Query texts, as typed or by their reading; empty means all.
        start_at: Start, aware; None means the start of the bucket of the first count.
        end_at: End, exclusive, aware; None means the end of the bucket of the last count.
        bucket: A name of `ovd.services.reports.buckets.BUCKETS`.
        tz: IANA name of the time zone whose clock the buckets follow.
    """

    cameras: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    start_at: datetime | None = None
    end_at: datetime | None = None
    bucket: str = "1m"
    tz: str = "UTC"

    def __post_init__(self) -> None:
        for names in ("cameras", "queries"):
            object.__setattr__(self, names, tuple(map(normalise_name, getattr(self, names))))


@dataclass(frozen=True)
class _BucketSpan:
    """The time of one bucket, shared by the rows of all series.

    Attributes:
        start_local: Start, aware, in the report's time zone.
        end_local: End, exclusive, likewise.
        end_at: The same in UTC, as Python compares times of one zone by their clock alone.
        length_s: Seconds between start and end.
    """

    start_local: datetime
    end_local: datetime
    end_at: datetime
    length_s: float


@dataclass(frozen=True, eq=False)
class Report:
    """A report whose rows are read while it is iterated, any number of times.

    Rows are ordered by camera, query and time, without holes: a bucket without observation has a
    row with coverage 0 and no counts. Each iteration reads the store again.

    Attributes:
        counted: The series of the rows, in their order.
        start_at: Start, aware, in `zone`.
        end_at: End, exclusive, likewise.
        bucket: A name of `ovd.services.reports.buckets.BUCKETS`.
        zone: Time zone of all its times.
        store: Source of the counts, by reading.
        judges: Judges that decided about its tracks, each with its threshold, as runs record them.
    """

    counted: tuple[CountedSeries, ...]
    start_at: datetime
    end_at: datetime
    bucket: str
    zone: ZoneInfo
    store: SeriesStore
    judges: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def series(self) -> tuple[SeriesKey, ...]:
        """Return the camera and reading of each series, in the order of the rows."""
        return tuple(entry.key for entry in self.counted)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Return its cameras, in order."""
        return tuple(dict.fromkeys(camera for camera, _ in self.series))

    def require_observable(self) -> None:
        """Refuse buckets that are shorter than the time between counted frames.

        Most of them could not hold a frame, and would look unobserved.

        Raises:
            TimeRangeError: If the first counts of the report are further apart than its buckets.
            StoreError: If the database cannot be read.
        """
        first = next(self._totals(), None)
        interval_s = first.observed_s / first.samples if first and first.samples else 0.0
        if interval_s > BUCKETS[self.bucket] * _TOLERANCE:
            coarser = next((b for b, length_s in BUCKETS.items() if length_s >= interval_s), "1d")
            raise TimeRangeError(
                f"buckets of {self.bucket} are finer than the data: a frame was counted every "
                f"{interval_s:.3g} s; take {coarser} or coarser"
            )

    def __iter__(self) -> Iterator[ReportRow]:
        groups = groupby(self._totals(), key=lambda total: (total.camera, total.query))
        no_totals: Iterator[CountTotal] = iter(())
        key, totals = next(groups, (None, no_totals))
        buckets_per_series = elapsed_s(self.start_at, self.end_at) / BUCKETS[self.bucket]
        cached = list(self._buckets()) if buckets_per_series <= _MAX_CACHED_BUCKETS else None
        movements = self.movements()
        for entry in self.counted:
            series = entry.key
            while key is not None and key < series:
                key, totals = next(groups, (None, no_totals))
            buckets = self._buckets() if cached is None else cached
            movement_of_buckets = movements.of(series, self._bucket_intervals(cached))
            rows = self._rows(entry, buckets, totals if key == series else no_totals)
            yield from map(_with_movement, rows, movement_of_buckets)

    def columns(self) -> tuple[str, ...]:
        """Return the names of the cells of its rows that have something to tell.

        Raises:
            StoreError: If the database cannot be read.
        """
        by_day = replace(self, bucket="1d")
        columns: tuple[str, ...] = COLUMNS
        if any(total.pending_sum or total.unknown_sum for total in by_day._totals()):
            columns += UNJUDGED_COLUMNS
        if any(entry.typed != (entry.key.query,) for entry in self.counted):
            columns += TYPED_COLUMNS
        return columns

    @property
    def selection(self) -> CountSelection:
        """Return the selection of counts that it reads."""
        return self._selection(self.start_at, self.end_at)

    def movements(self) -> Movements:
        """Return its unique objects and crossings, to be read in step with its series."""
        return Movements(self.store, self.selection)

    def _bucket_intervals(self, cached: Sequence[_BucketSpan] | None) -> Iterator[Interval]:
        """Yield the buckets as intervals in UTC."""
        start_at = self.start_at.astimezone(UTC)
        for bucket_span in self._buckets() if cached is None else cached:
            yield Interval(start_at, bucket_span.end_at)
            start_at = bucket_span.end_at

    def _buckets(self) -> Iterator[_BucketSpan]:
        """Yield the buckets that each series has a row for."""
        start_local = self.start_at
        for _, end_at in split_range(self.start_at, self.end_at, self.bucket, self.zone):
            end_local = end_at.astimezone(self.zone)
            yield _BucketSpan(start_local, end_local, end_at, elapsed_s(start_local, end_local))
            start_local = end_local

    def _totals(self) -> Iterator[CountTotal]:
        """Yield totals on the grid of its rows, so that the store does the summing.

        Between two changes of the zone's clock all buckets have one length.
        """
        buckets: Iterable[OffsetInterval] = (OffsetInterval(self.start_at, self.end_at, 0),)
        step_s = 1
        if self.bucket != "1s" and self.start_at.year >= _FIRST_WHOLE_MINUTE_YEAR:
            buckets = split_by_offset(self.start_at, self.end_at, self.zone)
            step_s = BUCKETS[self.bucket]
        parts = [self._totals_between(*bucket_span, step_s) for bucket_span in buckets]
        return merge(*parts, key=lambda total: (total.camera, total.query, total.start_at))

    def _totals_between(
        self, start_at: datetime, end_at: datetime, offset_s: int, step_s: int
    ) -> Iterator[CountTotal]:
        selection = self._selection(start_at, end_at)
        for total in self.store.counts.totals(selection, step_s, offset_s):
            yield total if total.start_at >= start_at else replace(total, start_at=start_at)

    def _selection(self, start_at: datetime, end_at: datetime) -> CountSelection:
        return CountSelection(
            cameras=tuple(sorted({camera for camera, _ in self.series})),
            queries=tuple(sorted({query for _, query in self.series})),
            start_at=start_at,
            end_at=end_at,
        )

    def _rows(
        self,
        series: CountedSeries,
        buckets: Iterable[_BucketSpan],
        totals: Iterator[CountTotal],
    ) -> Iterator[ReportRow]:
        total = next(totals, None)
        for bucket_span in buckets:
            bucket_total: CountTotal | None = None
            while total is not None and total.start_at < bucket_span.end_at:
                bucket_total = total if bucket_total is None else bucket_total + total
                total = next(totals, None)
            yield _build_row(series, bucket_span, bucket_total)


def _build_row(
    series: CountedSeries, bucket_span: _BucketSpan, total: CountTotal | None
) -> ReportRow:
    observed_s = total.observed_s if total else 0.0
    samples = total.samples if total else 0
    sums = (total.count_sum, total.pending_sum, total.unknown_sum) if total else (0, 0, 0)
    mean_count, mean_pending, mean_unknown = (
        value / samples if samples else None for value in sums
    )
    return ReportRow(
        *series.key,
        bucket_start=bucket_span.start_local,
        bucket_end=bucket_span.end_local,
        observed_s=round(observed_s, _DECIMALS),
        samples=samples,
        mean_count=mean_count,
        max_count=total.count_max if total else None,
        unique=None,
        crossed_in=None,
        crossed_out=None,
        coverage=round(min(observed_s / bucket_span.length_s, 1.0), _DECIMALS),
        mean_pending=mean_pending,
        mean_unknown=mean_unknown,
        typed=series.typed,
    )


def _with_movement(row: ReportRow, movement: Movement) -> ReportRow:
    """Return the row with its movement, which is unknown without observation."""
    if not row.samples:
        return row
    return replace(row, **vars(movement))


class ReportService:
    """Builds reports from the counts of a store."""

    def __init__(self, store: CountStore, read_as: Callable[[str], str] = str) -> None:
        """Work on a store.

        Args:
            store: Where counts are kept.
            read_as: Returns how a query text is read, to find a series by any form of it.
        """
        self._store = store
        self._read_as = read_as

    def build(self, request: ReportRequest) -> Report:
        """Check a request and build its report; the rows are read later.

        Queries that read the same are one series. A camera that was not observed has rows without
        counts; a query that was not counted while others were has none, unless it was asked for.

        Raises:
            TimeRangeError: If the time zone, bucket or range cannot be used, or the report would
                have more than `MAX_ROWS` rows.
            CameraError: If a camera is unknown.
            InputError: If a query is unknown, or nothing was ever counted for the selection.
            StoreError: If the database cannot be read.
        """
        zone = load_zone(request.tz)
        if request.bucket not in BUCKETS:
            raise TimeRangeError(f"unknown bucket {request.bucket!r}; known: {', '.join(BUCKETS)}")
        require_cameras(self._store, request.cameras)
        known = list_series(self._store)
        chosen = choose_series(known, request.cameras, request.queries, self._read_as)
        start_at, end_at = _find_range(request, chosen, zone)
        if not request.queries:
            there = CountSelection(request.cameras, (), start_at, end_at)
            chosen = leave_out_uncounted(chosen, self._store.counts.extents(there))
        _check_size(len(chosen), start_at, end_at, request.bucket)
        interval = Interval(start_at, end_at)
        return Report(
            counted=chosen,
            start_at=start_at.astimezone(zone),
            end_at=end_at.astimezone(zone),
            bucket=request.bucket,
            zone=zone,
            store=ReadingStore(self._store, {entry.key: entry.members for entry in chosen}),
            judges=find_judges(self._store, {entry.key.camera for entry in chosen}, interval),
        )


def _find_range(
    request: ReportRequest, series: Sequence[CountedSeries], zone: ZoneInfo
) -> Interval:
    start_at, end_at = request.start_at, request.end_at
    if start_at is None:
        first_at = _to_utc("first count", min(entry.first_at for entry in series))
        start_at = floor_edge(first_at, request.bucket, zone)
    if end_at is None:
        last_at = _to_utc("last count", max(entry.last_at for entry in series))
        end_at = next_edge(last_at, request.bucket, zone)
    start_at, end_at = _to_utc("start", start_at), _to_utc("end", end_at)
    if start_at >= end_at:
        left_out = request.start_at is None or request.end_at is None
        hint = "; the one that was left out is taken from the counts" if left_out else ""
        raise TimeRangeError(
            f"the start {start_at.astimezone(zone).isoformat()} is not before the end "
            f"{end_at.astimezone(zone).isoformat()}{hint}"
        )
    return Interval(start_at, end_at)


def _to_utc(name: str, time: datetime) -> datetime:
    """Convert an aware time to UTC: Python compares times of one zone by their wall clock."""
    if time.tzinfo is None:
        raise TimeRangeError(f"the {name} {time.isoformat()} needs a time zone or offset")
    if not FIRST_YEAR <= time.year < LAST_YEAR:
        raise TimeRangeError(
            f"the {name} {time.isoformat()} lies outside the years {FIRST_YEAR} to {LAST_YEAR - 1}"
        )
    return time.astimezone(UTC)


def _check_size(series: int, start_at: datetime, end_at: datetime, bucket: str) -> None:
    rows = series * ((end_at - start_at).total_seconds() / BUCKETS[bucket])
    if rows > MAX_ROWS:
        raise TimeRangeError(
            f"this report would have about {rows:,.0f} rows, more than {MAX_ROWS:,}; take a "
            "coarser bucket, a shorter range or fewer queries"
        )
