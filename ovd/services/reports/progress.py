"""ProgressReport: a report that tells how far its rows have been read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

from ovd.services.reports.buckets import BUCKETS, elapsed_s
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow

_ROWS_PER_CALL = 1000


@dataclass(frozen=True, eq=False)
class ProgressReport(Report):
    """A report that reports progress while its rows are iterated.

    Attributes:
        on_progress: Called every thousand rows with the share that was read, in [0, 1]; what it
            raises ends the iteration.
    """

    on_progress: Callable[[float], None]

    @classmethod
    def of(cls, report: Report, on_progress: Callable[[float], None]) -> "ProgressReport":
        """Return the same report with a callback for progress."""
        values = {field.name: getattr(report, field.name) for field in fields(Report)}
        return cls(**values, on_progress=on_progress)

    def __iter__(self) -> Iterator[ReportRow]:
        per_series = elapsed_s(self.start_at, self.end_at) / BUCKETS[self.bucket]
        total = max(1.0, per_series * len(self.series))
        for number, row in enumerate(Report.__iter__(self)):
            if number % _ROWS_PER_CALL == 0:
                self.on_progress(number / total)
            yield row
