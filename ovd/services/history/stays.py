"""Stays in areas over time: how many objects were inside, and how long those stayed who left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ovd.domain.events import ZoneEventKind
from ovd.domain.records import CountSelection
from ovd.domain.tracking import ZoneEventRecord
from ovd.domain.zones import PolygonZone
from ovd.services.reports.series.store import SeriesZones

Seconds = NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True)
class Stays:
    """The stays of the objects of one query per bucket, in all areas of a camera together.

    Attributes:
        inside: Mean number inside at once; None where no area was observed.
        dwell_s: Mean length of the stays that ended in the bucket; None where none did.
    """

    inside: tuple[float | None, ...]
    dwell_s: tuple[float | None, ...]


@dataclass
class _Area:
    """One query at one area."""

    observed: list[Span] = field(default_factory=list)
    inside: list[Span] = field(default_factory=list)
    entered: dict[tuple[int, int], float] = field(default_factory=dict)


def read_stays(
    zones: SeriesZones, selection: CountSelection, edges: Sequence[datetime]
) -> Mapping[str, Stays]:
    """Return the stays by query; only of queries that were followed at an area.

    Args:
        zones: The store of zone events.
        selection: One camera, with start and end.
        edges: Starts of the buckets, and the end of the last.

    Raises:
        StoreError: If the database cannot be read.
    """
    areas: defaultdict[tuple[str, str], _Area] = defaultdict(_Area)
    for tracked in zones.tracked_intervals(selection):
        if isinstance(tracked.zone, PolygonZone):
            span = _second(tracked.first_at), _second(tracked.last_at)
            areas[tracked.query, tracked.zone.name].observed.append(span)
    if not areas:
        return {}
    dwells: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for record in zones.visitors(selection):
        _enter(areas, record)
    for record in zones.zone_events(selection):
        if record.kind is ZoneEventKind.ENTER:
            _enter(areas, record)
        elif record.kind is ZoneEventKind.EXIT and record.dwell_s is not None:
            left_s = _second(record.at)
            area = areas[record.query, record.zone.name]
            area.entered.pop((record.run_id, record.track_id), None)
            area.inside.append((left_s - record.dwell_s, left_s))
            dwells[record.query].append((left_s, record.dwell_s))
    at = np.array([_second(edge) for edge in edges])
    return {
        query: Stays(
            _inside([area for (asked, _), area in areas.items() if asked == query], at),
            _dwells(dwells[query], at),
        )
        for query in {query for query, _ in areas}
    }


def _enter(areas: Mapping[tuple[str, str], _Area], record: ZoneEventRecord) -> None:
    area = areas.get((record.query, record.zone.name))
    if area is not None:
        area.entered[record.run_id, record.track_id] = _second(record.at)


def _inside(areas: Sequence[_Area], edges: Seconds) -> tuple[float | None, ...]:
    """Return the sum of the means of all areas per bucket."""
    total = np.zeros(len(edges) - 1)
    seen = np.zeros(len(edges) - 1, dtype=np.bool_)
    for area in areas:
        last_s = max((end for _, end in area.observed), default=0.0)
        spans = area.inside + [(start, last_s) for start in area.entered.values() if start < last_s]
        observed_s = _overlap(area.observed, edges)
        was_seen = observed_s > 0
        inside_s = _overlap(spans, edges)
        total += np.divide(inside_s, observed_s, out=np.zeros_like(total), where=was_seen)
        seen |= was_seen
    return tuple(
        float(value) if is_seen else None for value, is_seen in zip(total, seen, strict=True)
    )


def _dwells(ended: Sequence[tuple[float, float]], edges: Seconds) -> tuple[float | None, ...]:
    left_s = np.array([at for at, _ in ended])
    weights = np.array([dwell_s for _, dwell_s in ended])
    counts = np.histogram(left_s, edges)[0]
    sums = np.histogram(left_s, edges, weights=weights)[0]
    return tuple(
        float(total / count) if count else None for total, count in zip(sums, counts, strict=True)
    )


def _overlap(spans: Sequence[Span], edges: Seconds) -> Seconds:
    """Return the seconds of all spans together in each bucket."""
    starts, ends = (np.sort(np.array([span[side] for span in spans])) for side in (0, 1))
    passed: Seconds = np.diff(_passed(starts, edges) - _passed(ends, edges))
    return passed


def _passed(moments: Seconds, edges: Seconds) -> Seconds:
    """Return the sum of the seconds since each of the moments that are past, at each edge."""
    sums = np.concatenate([[0.0], np.cumsum(moments)])
    number = np.searchsorted(moments, edges)
    passed: Seconds = number * edges - sums[number]
    return passed


def _second(at: datetime) -> float:
    return at.astimezone(UTC).timestamp()
