"""Comparison of two reports: with another period, or with another camera."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ovd.services.reports.report import Report, ReportRequest
from ovd.services.reports.summary import ReportSummary, SeriesSummary
from ovd.services.reports.totals import Totals

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class QueryComparison:
    """One query in both reports.

    Attributes:
        camera: Camera name; of two cameras, that of the report.
        query: Reading of the query.
        current: Totals in the report; None if it does not have the query.
        baseline: Totals in the other report, likewise.
    """

    camera: str
    query: str
    current: Totals | None
    baseline: Totals | None

    @property
    def change(self) -> float | None:
        """Return the change of the mean as a fraction of the baseline; None if there is none."""
        current = self.current.mean_count if self.current else None
        baseline = self.baseline.mean_count if self.baseline else None
        return None if current is None or not baseline else (current - baseline) / baseline


@dataclass(frozen=True)
class Comparison:
    """A report and the one it is compared with.

    Attributes:
        current: The report.
        baseline: The report of the other period or camera.
    """

    current: ReportSummary
    baseline: ReportSummary

    @property
    def compares_cameras(self) -> bool:
        """Return whether two cameras are compared, and not two periods."""
        return len(self.current.cameras) == len(self.baseline.cameras) == 1 and (
            self.current.cameras != self.baseline.cameras
        )

    def pairs(self) -> tuple[QueryComparison, ...]:
        """Return the queries of both periods in report order; for two cameras, matched by query."""
        current = {self._key(entry): entry for entry in self.current.series}
        baseline = {self._key(entry): entry for entry in self.baseline.series}
        return tuple(
            QueryComparison(
                camera=(current.get(key) or baseline[key]).camera,
                query=key[1],
                current=current[key].totals if key in current else None,
                baseline=baseline[key].totals if key in baseline else None,
            )
            for key in dict.fromkeys((*current, *baseline))
        )

    def _key(self, entry: SeriesSummary) -> tuple[str, str]:
        return ("" if self.compares_cameras else entry.camera), entry.query


def request_previous(request: ReportRequest, report: Report) -> ReportRequest:
    """Build the request for the period of equal length just before a report.

    A range of whole local days is preceded by as many local days, also across changes of the
    clock; any other range by as many seconds.

    Args:
        request: The request of the report.
        report: The report, with its range.
    """
    start_at, end_at = report.start_at, report.end_at
    if _is_midnight(start_at) and _is_midnight(end_at):
        days = (end_at.replace(tzinfo=None) - start_at.replace(tzinfo=None)) // _DAY
        baseline = start_at - timedelta(days=days)
    else:
        elapsed = end_at.astimezone(UTC) - start_at.astimezone(UTC)
        baseline = start_at.astimezone(UTC) - elapsed
    return replace(request, start_at=baseline, end_at=start_at)


def _is_midnight(moment: datetime) -> bool:
    return moment.replace(tzinfo=None) == datetime.combine(moment.date(), datetime.min.time())
