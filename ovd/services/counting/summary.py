"""CountSummary: what a run counted, so far or in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovd.domain.events import FrameResult, Gap, QueryCount, ZoneEventKind, ZoneTally
from ovd.domain.query import Query
from ovd.domain.records import Run


@dataclass(frozen=True)
class QuerySummary:
    """Counts of one query over a run.

    Attributes:
        query: The query; unsupported ones have 0 frames and no mean or max.
        frames: Frames in which it was counted.
        mean: Mean count per frame, None without frames.
        max: Highest count, None without frames.
        unique: Confirmed tracks that matched it, None where nothing was followed.
        pending: Mean number per frame of objects that were not judged yet, None without frames.
        unknown: The same of objects that could not be judged.
    """

    query: Query
    frames: int
    mean: float | None
    max: int | None
    unique: int | None
    pending: float | None = None
    unknown: float | None = None


@dataclass(frozen=True)
class CountSummary:
    """The results of a run, so far or at its end.

    Attributes:
        frames_read: Frames decoded, those skipped by sampling included.
        frames_counted: Frames that counts were made of.
        frames_dropped: Frames that were to be counted and were passed over for newer ones, because
            the machine could not keep up with a live source. Always 0 for a recording.
        frames_repeated: Counted frames of a still scene, whose detections were taken over from the
            frame before.
        gap_s: Seconds that were not observed.
        media_s: Seconds of camera time that the counted frames stand for.
        wall_s: Seconds the run took.
        queries: One entry per query, in the order they were given.
        zones: One entry per zone and query that was followed.
    """

    frames_read: int
    frames_counted: int
    frames_dropped: int
    frames_repeated: int
    gap_s: float
    media_s: float
    wall_s: float
    queries: tuple[QuerySummary, ...]
    zones: tuple[ZoneTally, ...]


@dataclass
class _Tally:
    frames: int = 0
    total: int = 0
    highest: int = 0
    pending: int = 0
    unknown: int = 0

    def add(self, count: QueryCount) -> None:
        self.frames += 1
        self.total += count.count
        self.highest = max(self.highest, count.count)
        self.pending += count.pending
        self.unknown += count.unknown


class Progress:
    """Sums over the frames and gaps of a run as they come."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.frames_counted = 0
        self.frames_repeated = 0
        self.gap_s = 0.0
        self.media_s = 0.0
        self._tallies: dict[str, _Tally] = {}

    def add_frame(self, result: FrameResult) -> None:
        """Add a counted frame."""
        self.frames_counted += 1
        self.frames_repeated += result.repeated
        self.media_s += result.observed_s
        self._add_counts(result.counts)

    def add_gap(self, gap: Gap) -> None:
        """Add time that was not observed."""
        self.gap_s += gap.duration_s

    def summarise(self, query: Query, unique: int | None) -> QuerySummary:
        """Return the sums of one query.

        Args:
            query: The query.
            unique: How many different objects matched it, None where nothing was followed.
        """
        tally = self._tallies.get(query.text)
        if tally is None:
            return QuerySummary(query, 0, None, None, None)
        frames = tally.frames
        return QuerySummary(
            query, frames, tally.total / frames, tally.highest, unique,
            tally.pending / frames, tally.unknown / frames,
        )  # fmt: skip

    def _add_counts(self, counts: Sequence[QueryCount]) -> None:
        for count in counts:
            self._tallies.setdefault(count.query.text, _Tally()).add(count)


def describe_run(run: Run, summary: CountSummary) -> dict[str, object]:
    """Return what a run counted, as in the JSON of `ovd count`."""
    return {
        "run_id": run.id,
        "camera": run.camera.name,
        "detector": run.detector,
        "runtime": run.runtime,
        "precision": run.precision,
        "frames_read": summary.frames_read,
        "frames_counted": summary.frames_counted,
        "frames_dropped": summary.frames_dropped,
        "gap_s": round(summary.gap_s, 3),
        "media_s": round(summary.media_s, 3),
        "wall_s": round(summary.wall_s, 3),
        "queries": [
            {
                **describe_reading(entry.query),
                "mean": None if entry.mean is None else round(entry.mean, 4),
                "max": entry.max,
                "unique": entry.unique,
                "pending": None if entry.pending is None else round(entry.pending, 4),
                "unknown": None if entry.unknown is None else round(entry.unknown, 4),
                "frames": entry.frames,
            }
            for entry in summary.queries
        ],
        "zones": [_describe_zone(tally) for tally in summary.zones],
    }


def _describe_zone(tally: ZoneTally) -> dict[str, object]:
    """A line has no entries and a polygon no crossings: what cannot be known is null."""
    dwell_s = tally.mean_dwell_s
    return {
        "zone": tally.zone.name,
        "query": tally.query,
        "in": tally.event_counts.get(ZoneEventKind.IN),
        "out": tally.event_counts.get(ZoneEventKind.OUT),
        "entered": tally.event_counts.get(ZoneEventKind.ENTER),
        "left": tally.event_counts.get(ZoneEventKind.EXIT),
        "mean_dwell_s": None if dwell_s is None else round(dwell_s, 3),
    }


def describe_reading(query: Query) -> dict[str, object]:
    """Return the reading of a query, as in the JSON of `detect` and `count`."""
    return {
        "query": query.text,
        "read_as": query.read_as,
        "supported": query.supported,
        "note": query.note,
        "min_score": query.min_score,
    }
