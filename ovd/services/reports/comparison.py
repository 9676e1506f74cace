"""Two reports side by side: another period, or another camera."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ovd.services.reports.report import Report, ReportRequest
from ovd.services.reports.summary import ReportSummary, SeriesSummary, Totals

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """One query in both reports.

    Attributes:
        camera: Camera name; of two cameras, that of the report.
        query: Query text as typed.
        now: What the report says, None when it does not have the query.
        before: What it is compared with, likewise.
    """

    camera: str
    query: str
    now: Totals | None
    before: Totals | None

    @property
    def change(self) -> float | None:
        """Change of the mean as a fraction of the one before; None where there is no such."""
        now = self.now.mean_count if self.now else None
        before = self.before.mean_count if self.before else None
        return None if now is None or not before else (now - before) / before


@dataclass(frozen=True)
class Comparison:
    """A report and what it is compared with.

    Attributes:
        now: The report.
        before: What it is compared with.
    """

    now: ReportSummary
    before: ReportSummary

    @property
    def of_cameras(self) -> bool:
        """Whether two cameras are compared, not two periods."""
        return len(self.now.cameras) == len(self.before.cameras) == 1 and (
            self.now.cameras != self.before.cameras
        )

    def pairs(self) -> tuple[Pair, ...]:
        """Every query of either, in the order of the report; of two cameras, by query alone."""
        now = {self._key(entry): entry for entry in self.now.series}
        before = {self._key(entry): entry for entry in self.before.series}
        return tuple(
            Pair(
                camera=(now.get(key) or before[key]).camera,
                query=key[1],
                now=now[key].totals if key in now else None,
                before=before[key].totals if key in before else None,
            )
            for key in dict.fromkeys((*now, *before))
        )

    def _key(self, entry: SeriesSummary) -> tuple[str, str]:
        return ("" if self.of_cameras else entry.camera), entry.query


def request_previous(request: ReportRequest, report: Report) -> ReportRequest:
    """Ask for the period before a report, as long and just before it.

    Whole local days are preceded by as many local days, also where clocks changed; other
    ranges by as many seconds.

    Args:
        request: What the report was asked with.
        report: The report, whose range is known.
    """
    start_at, end_at = report.start_at, report.end_at
    if _is_midnight(start_at) and _is_midnight(end_at):
        days = (end_at.replace(tzinfo=None) - start_at.replace(tzinfo=None)) // _DAY
        before = start_at - timedelta(days=days)
    else:
        elapsed = end_at.astimezone(UTC) - start_at.astimezone(UTC)
        before = start_at.astimezone(UTC) - elapsed
    return replace(request, start_at=before, end_at=start_at)


def _is_midnight(moment: datetime) -> bool:
    return moment.replace(tzinfo=None) == datetime.combine(moment.date(), datetime.min.time())
