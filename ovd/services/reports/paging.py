"""Pages of a report: some rows at a time, read without those before them."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from ovd.errors import InputError
from ovd.services.reports.buckets import split_range
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.series.key import SeriesKey


@dataclass(frozen=True)
class PageStart:
    """The first row of a page.

    Attributes:
        camera: Camera name.
        query: Reading of the query.
        start_at: Start of its bucket, aware.
    """

    camera: str
    query: str
    start_at: datetime


def read_page(
    report: Report, start: PageStart | None, limit: int
) -> tuple[list[ReportRow], PageStart | None]:
    """Read some rows of a report.

    Args:
        report: The report, with the same selection and range for every page.
        start: Where the page begins; None at the first row.
        limit: At most so many rows.

    Returns:
        The rows, and where the next page begins; None after the last one.

    Raises:
        InputError: If the report has no such row.
        StoreError: If the database cannot be read.
    """
    rows: list[ReportRow] = []
    index = _index_of(report, start)
    start_at = report.start_at if start is None else start.start_at
    whole = _count_buckets(report, limit + 1)
    while index < len(report.series):
        left = limit - len(rows)
        if start_at == report.start_at and 0 < whole <= left:
            # Several series cost hardly more statements than one.
            together = report.counted[index : index + left // whole]
            rows.extend(replace(report, counted=together))
            index += len(together)
            continue
        series = report.series[index]
        buckets = islice(split_range(start_at, report.end_at, report.bucket, report.zone), left + 1)
        edges = [interval[0] for interval in buckets]
        if left == 0:
            return rows, PageStart(*series, edges[0])
        end_at = edges[left] if len(edges) > left else report.end_at
        part = replace(
            report,
            counted=report.counted[index : index + 1],
            start_at=start_at.astimezone(report.zone),
            end_at=end_at.astimezone(report.zone),
        )
        rows.extend(part)
        if len(edges) > left:
            return rows, PageStart(*series, edges[left])
        start_at, index = report.start_at, index + 1
    return rows, None


def _count_buckets(report: Report, most: int) -> int:
    """Return the number of rows of each series, counted up to `most`."""
    buckets = split_range(report.start_at, report.end_at, report.bucket, report.zone)
    return sum(1 for _ in islice(buckets, most))


def _index_of(report: Report, start: PageStart | None) -> int:
    if start is None:
        return 0
    key = SeriesKey(start.camera, start.query)
    if key not in report.series or not report.start_at <= start.start_at < report.end_at:
        raise InputError("the cursor belongs to another list; begin without one")
    return report.series.index(key)
