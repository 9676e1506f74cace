"""Rows that wait to be written: one frozen entry per row, named like its columns."""

from dataclasses import dataclass
from datetime import datetime

# Sums of multiples of this are exact, so rollups do not depend on the order of their counts.
_SECONDS_GRID = 2.0**-30


@dataclass(frozen=True)
class CountEntry:
    """A row of `frame_counts`; the names are the columns'."""

    run_id: int
    camera_id: int
    query_id: int
    frame_index: int
    captured_at: datetime
    observed_s: float
    count: int
    max_score: float
    pending: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class GapEntry:
    """A row of `gaps`; the names are the columns'."""

    run_id: int
    camera_id: int
    started_at: datetime
    ended_at: datetime
    reason: str


@dataclass(frozen=True)
class TrackEntry:
    """A row of `tracks`, or what is new about one; the names are the columns'."""

    run_id: int
    camera_id: int
    query_id: int
    track_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    best_score: float
    best_xyxy: tuple[float, float, float, float]


@dataclass(frozen=True)
class EventEntry:
    """A row of `zone_events`; the names are the columns'."""

    run_id: int
    zone_id: int
    query_id: int
    track_id: int
    kind: str
    at: datetime
    dwell_s: float | None


@dataclass(frozen=True)
class TrackedIntervalEntry:
    """A row of `tracked_intervals`, or an extension of one; the names are the columns'."""

    run_id: int
    camera_id: int
    query_id: int
    zone_id: int | None
    first_at: datetime
    last_at: datetime


Entry = CountEntry | GapEntry | TrackEntry | EventEntry | TrackedIntervalEntry


def to_exact_s(seconds: float) -> float:
    """Round to a nanosecond in such a way that sums do not round again."""
    return round(seconds / _SECONDS_GRID) * _SECONDS_GRID
