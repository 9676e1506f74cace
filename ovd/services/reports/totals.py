"""Totals: the counts of one query at one camera over an interval."""

from dataclasses import dataclass

from ovd.services.reports.rows import ReportRow

_DECIMALS = 6


@dataclass(frozen=True)
class Totals:
    """Sums over an interval; a value that was not observed or tracked is None, never 0.

    Attributes:
        observed_s: Seconds that counted frames stand for.
        samples: Counted frames.
        mean_count: Mean count of a frame.
        max_count: Highest count of a frame.
        crossed_in: Crossings of lines inwards.
        crossed_out: Crossings of lines outwards.
        coverage: Share of the interval that was observed, in [0, 1].
        mean_pending: Mean number of objects in a frame that were not judged yet.
        mean_unknown: Mean number of objects in a frame that could not be judged.
    """

    observed_s: float
    samples: int
    mean_count: float | None
    max_count: int | None
    crossed_in: int | None
    crossed_out: int | None
    coverage: float
    mean_pending: float | None = None
    mean_unknown: float | None = None

    @property
    def balance(self) -> int | None:
        """Return crossings inwards minus crossings outwards."""
        if self.crossed_in is None or self.crossed_out is None:
            return None
        return self.crossed_in - self.crossed_out


@dataclass
class RunningTotals:
    """Sums over the parts of an interval that were added so far."""

    length_s: float = 0.0
    observed_s: float = 0.0
    covered_s: float = 0.0
    samples: int = 0
    count_sum: float = 0.0
    pending_sum: float = 0.0
    unknown_sum: float = 0.0
    count_max: int | None = None
    crossed_in: int | None = None
    crossed_out: int | None = None

    def add(self, totals: Totals | ReportRow, length_s: float) -> None:
        """Add a part of the interval that is `length_s` long."""
        self.length_s += length_s
        self.covered_s += totals.coverage * length_s
        if totals.samples:
            self.observed_s += totals.observed_s
            self.samples += totals.samples
            self.count_sum += (totals.mean_count or 0.0) * totals.samples
            self.pending_sum += (totals.mean_pending or 0.0) * totals.samples
            self.unknown_sum += (totals.mean_unknown or 0.0) * totals.samples
            self.count_max = max(self.count_max or 0, totals.max_count or 0)
        if totals.crossed_in is not None:
            self.crossed_in = (self.crossed_in or 0) + totals.crossed_in
        if totals.crossed_out is not None:
            self.crossed_out = (self.crossed_out or 0) + totals.crossed_out

    def totals(self) -> Totals:
        """Return the sums as totals."""
        return Totals(
            observed_s=round(self.observed_s, _DECIMALS),
            samples=self.samples,
            mean_count=self.count_sum / self.samples if self.samples else None,
            mean_pending=self.pending_sum / self.samples if self.samples else None,
            mean_unknown=self.unknown_sum / self.samples if self.samples else None,
            max_count=self.count_max,
            crossed_in=self.crossed_in,
            crossed_out=self.crossed_out,
            coverage=round(self.covered_s / self.length_s, _DECIMALS) if self.length_s else 0.0,
        )
