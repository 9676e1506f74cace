"""The rows of a report, and their columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ovd.services.reports.series.key import SeriesKey

COLUMNS = (
    "camera",
    "query",
    "bucket_start",
    "bucket_end",
    "observed_s",
    "samples",
    "mean_count",
    "max_count",
    "unique",
    "in",
    "out",
    "coverage",
)
# Beside them in a report in which an object was found that was not judged, or could not be.
UNJUDGED_COLUMNS = ("mean_pending", "mean_unknown")

# Where what was typed differs from how it was read.
TYPED_COLUMNS = ("typed",)
_ALL_COLUMNS = COLUMNS + UNJUDGED_COLUMNS + TYPED_COLUMNS

Cell = str | int | float | datetime | None


@dataclass(frozen=True)
class ReportRow:
    """Counts of one query at one camera in one bucket; see `COLUMNS`.

    Attributes:
        camera: Camera name.
        query: Reading of the query.
        bucket_start: Start, aware, in the report's time zone.
        bucket_end: End, exclusive, likewise.
        observed_s: Seconds that counted frames stand for.
        samples: Counted frames.
        mean_count: Mean count of a frame; None, not 0, if there is no frame.
        max_count: Highest count of a frame, or None.
        unique: Distinct confirmed tracks seen in it; None if objects were not tracked. A long one
            is in several buckets, so these numbers must not be added up.
        crossed_in: Crossings of the camera's lines inwards; None if no line was observed.
        crossed_out: Crossings outwards, likewise.
        coverage: Share of the bucket that was observed, in [0, 1].
        mean_pending: Mean number of objects in a frame that were not judged yet, such as a person
            who has not been lying for as long as the query asks; None if there is no frame.
        mean_unknown: Likewise of objects that could not be judged: they may match or not.
        typed: The forms in which the query was typed.
    """

    camera: str
    query: str
    bucket_start: datetime
    bucket_end: datetime
    observed_s: float
    samples: int
    mean_count: float | None
    max_count: int | None
    unique: int | None
    crossed_in: int | None
    crossed_out: int | None
    coverage: float
    mean_pending: float | None = None
    mean_unknown: float | None = None
    typed: tuple[str, ...] = ()

    @property
    def key(self) -> SeriesKey:
        """Return the series that the row belongs to."""
        return SeriesKey(self.camera, self.query)

    def cells(self) -> tuple[Cell, ...]:
        """Return the values in the order of `COLUMNS`, `UNJUDGED_COLUMNS`, `TYPED_COLUMNS`."""
        return (
            self.camera,
            self.query,
            self.bucket_start,
            self.bucket_end,
            self.observed_s,
            self.samples,
            self.mean_count,
            self.max_count,
            self.unique,
            self.crossed_in,
            self.crossed_out,
            self.coverage,
            self.mean_pending,
            self.mean_unknown,
            ", ".join(self.typed),
        )

    def chosen(self, columns: Sequence[str]) -> list[Cell]:
        """Return the values of some columns, in their order."""
        cells = self.cells()
        return [cells[_PLACES[column]] for column in columns]


_PLACES = {column: place for place, column in enumerate(_ALL_COLUMNS)}
