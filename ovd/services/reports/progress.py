"""WatchedReport: a report whose rows tell how many of them were read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

from ovd.services.reports.buckets import BUCKETS, elapsed_s
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow

_EVERY = 1000


@dataclass(frozen=True, eq=False)
class WatchedReport(Report):
    """A report that calls `told` with the share of its rows that were read.

    Attributes:
        told: Called every thousand rows; what it raises ends the iteration.
    """

    told: Callable[[float], None]

    @classmethod
    def of(cls, report: Report, told: Callable[[float], None]) -> "WatchedReport":
        """Return the same report, watched."""
        values = {field.name: getattr(report, field.name) for field in fields(Report)}
        return cls(**values, told=told)

    def __iter__(self) -> Iterator[ReportRow]:
        per_series = elapsed_s(self.start_at, self.end_at) / BUCKETS[self.bucket]
        total = max(1.0, per_series * len(self.series))
        for number, row in enumerate(Report.__iter__(self)):
            if number % _EVERY == 0:
                self.told(number / total)
            yield row
