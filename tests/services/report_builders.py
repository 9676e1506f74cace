"""Reports whose rows are made up, without a store."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from ovd.domain.records import CountExtent
from ovd.services.reports.buckets import split_range
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.series.counted import CountedSeries
from ovd.services.reports.series.key import SeriesKey
from tests.fakes import MemoryStore

SEOUL = ZoneInfo("Asia/Seoul")
NIGHT = datetime(2026, 3, 1, 21, 0, tzinfo=SEOUL)


def make_row(
    minute: int = 0,
    camera: str = "gate",
    query: str = "person",
    mean_count: float | None = 1.5,
    max_count: int | None = 3,
) -> ReportRow:
    """One minute of a Sunday night in Seoul; without counts it was not observed."""
    start = NIGHT + timedelta(minutes=minute)
    seen = mean_count is not None
    return ReportRow(
        camera,
        query,
        start,
        start + timedelta(minutes=1),
        observed_s=60.0 if seen else 0.0,
        samples=600 if seen else 0,
        mean_count=mean_count,
        max_count=max_count,
        unique=None,
        crossed_in=None,
        crossed_out=None,
        coverage=1.0 if seen else 0.0,
    )


UNSEEN = make_row(1, mean_count=None, max_count=None)


@dataclass(frozen=True, eq=False)
class MadeReport(Report):
    """A report that makes its rows instead of reading them."""

    make: Callable[[Report], Iterator[ReportRow]] = lambda report: iter(())

    def __iter__(self) -> Iterator[ReportRow]:
        return self.make(self)


def make_counted(
    pairs: tuple[tuple[str, str], ...], start_at: datetime, end_at: datetime
) -> tuple[CountedSeries, ...]:
    """Series that were asked all the time, typed as they are read."""
    return tuple(
        CountedSeries(SeriesKey(*pair), (CountExtent(*pair, start_at, end_at),), current=True)
        for pair in pairs
    )


def report_of(*rows: ReportRow, **fields: Any) -> MadeReport:
    """A report by the minute of these rows."""
    start_at = min((row.bucket_start for row in rows), default=NIGHT)
    end_at = max((row.bucket_end for row in rows), default=NIGHT + timedelta(minutes=1))
    pairs = tuple(dict.fromkeys((row.camera, row.query) for row in rows))
    values: dict[str, Any] = {
        "counted": make_counted(pairs, start_at, end_at),
        "start_at": start_at,
        "end_at": end_at,
        "bucket": "1m",
        "zone": SEOUL,
        "store": MemoryStore(),
        "make": lambda report: iter(rows),
    }
    return MadeReport(**(values | fields))


def make_report(
    series: tuple[tuple[str, str], ...],
    start_at: datetime,
    end_at: datetime,
    bucket: str,
    count: Callable[[int, datetime], float | None],
) -> MadeReport:
    """A report that counts by a rule, in the zone of `start_at`.

    Args:
        series: Camera and query of each series.
        start_at: First moment, in a named zone.
        end_at: Moment after the last.
        bucket: Length of its rows.
        count: Number of the series and start of the bucket to its mean count, None when it was
            not observed.
    """
    zone = cast(ZoneInfo, start_at.tzinfo)

    def rows(report: Report) -> Iterator[ReportRow]:
        for number, pair in enumerate(report.series):
            for start, end in split_range(
                report.start_at, report.end_at, report.bucket, report.zone
            ):
                local = start.astimezone(zone), end.astimezone(zone)
                yield _counted_row(pair, local, count(number, local[0]))

    counted = make_counted(series, start_at, end_at)
    return MadeReport(counted, start_at, end_at, bucket, zone, MemoryStore(), rows)


def _counted_row(
    pair: tuple[str, str], interval: tuple[datetime, datetime], mean: float | None
) -> ReportRow:
    length_s = interval[1].timestamp() - interval[0].timestamp()
    return ReportRow(
        *pair,
        *interval,
        observed_s=0.0 if mean is None else length_s,
        samples=0 if mean is None else round(length_s),
        mean_count=mean,
        max_count=None if mean is None else round(mean) + 1,
        unique=None,
        crossed_in=None,
        crossed_out=None,
        coverage=0.0 if mean is None else 1.0,
    )
