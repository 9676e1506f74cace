"""Counting of zone events of tracks, robust against boxes that jitter on a line."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Tracks
from ovd.domain.events import CountEvent, ZoneEventKind, ZoneTally
from ovd.domain.frame import Frame
from ovd.domain.zones import LineZone, PolygonZone, Zone

# The anchor must be beyond the edge by this share of the box's height to be on the other side: the
# box of a person who stands still moves by a few hundredths (hysteresis against jitter).
MARGIN = 0.1
# In a narrow polygon the margin is at most this share of its shorter side.
MAX_MARGIN_SHARE = 0.25

Xy = NDArray[np.float64]


def _to_pixels(zone: Zone, frame: Frame) -> Xy:
    height, width = frame.size_hw
    return np.array(zone.points_norm, dtype=np.float64) * (width, height)


@dataclass
class _LastSeen:
    """The last detection of a track."""

    at: datetime
    frame_index: int
    score: float
    xyxy: tuple[float, float, float, float]
    confirmed: bool


class ZoneCounter(ABC):
    """The part that all counters share: events wait until their track is confirmed.

    One counter serves one zone and one query. State per track is dropped when the track ends.
    """

    def __init__(self, zone: Zone, query: str) -> None:
        self._zone = zone
        self._query = query
        self._last_seen: dict[int, _LastSeen] = {}
        self._pending: dict[int, list[CountEvent]] = {}
        self._event_counts: dict[ZoneEventKind, int] = {}

    def update(self, tracks: Tracks, frame: Frame) -> tuple[CountEvent, ...]:
        """Update with the tracks of the query in the next frame; return events of confirmed ones.

        Events of a track before its confirmation are reported once it is confirmed; tracks that
        end unconfirmed have no events.
        """
        events = self._end_tracks(tracks.ended)
        points = self._zone.anchor.points(tracks.detections.xyxy)
        corners = _to_pixels(self._zone, frame)
        for i, track_id in enumerate(tracks.track_id.tolist()):
            x0, y0, x1, y1 = map(float, tracks.detections.xyxy[i])
            self._last_seen[track_id] = _LastSeen(
                frame.captured_at,
                frame.index,
                float(tracks.detections.score[i]),
                (x0, y0, x1, y1),
                bool(tracks.confirmed[i]),
            )
            self._update_position(track_id, points[i], corners, MARGIN * (y1 - y0))
            if tracks.confirmed[i]:
                events += self._pending.pop(track_id, [])
        return self._tally_events(events)

    def end_all(self) -> tuple[CountEvent, ...]:
        """End every track, at the end of a run or before a long gap; return the last events."""
        return self._tally_events(self._end_tracks(tuple(self._last_seen)))

    @abstractmethod
    def tally(self) -> ZoneTally:
        """Return the counts of the zone so far."""

    @abstractmethod
    def _update_position(self, track_id: int, point: Xy, corners: Xy, margin: float) -> None:
        """Update the position of a track; report what it did to `_add_event`."""

    @abstractmethod
    def _forget(self, track_id: int) -> None:
        """Drop the state of a track; report a last event to `_add_event`."""

    def _add_event(self, track_id: int, kind: ZoneEventKind, dwell_s: float | None = None) -> None:
        seen = self._last_seen[track_id]
        event = CountEvent(
            self._zone,
            self._query,
            track_id,
            kind,
            seen.frame_index,
            seen.at,
            seen.score,
            seen.xyxy,
            dwell_s,
        )
        self._pending.setdefault(track_id, []).append(event)

    def _end_tracks(self, ended: tuple[int, ...]) -> list[CountEvent]:
        events: list[CountEvent] = []
        for track_id in ended:
            if track_id not in self._last_seen:
                continue
            self._forget(track_id)
            pending = self._pending.pop(track_id, [])
            if self._last_seen.pop(track_id).confirmed:
                events += pending
        return events

    def _tally_events(self, events: list[CountEvent]) -> tuple[CountEvent, ...]:
        for event in events:
            self._event_counts[event.kind] = self._event_counts.get(event.kind, 0) + 1
        return tuple(events)


@dataclass
class _LinePosition:
    """Position of a track relative to a line.

    Attributes:
        point: Its anchor when last seen, in pixels.
        side: 1 or -1 once it was clearly on one side, 0 before.
        crosses_between_ends: Whether its last step over the extended line passed between the ends.
    """

    point: Xy
    side: int = 0
    crosses_between_ends: bool = False


class LineCounter(ZoneCounter):
    """Counts crossings of one line by the tracks of one query."""

    def __init__(self, zone: LineZone, query: str) -> None:
        super().__init__(zone, query)
        self._positions: dict[int, _LinePosition] = {}

    def tally(self) -> ZoneTally:
        """Return the crossings so far."""
        counts = {
            kind: self._event_counts.get(kind, 0) for kind in (ZoneEventKind.IN, ZoneEventKind.OUT)
        }
        return ZoneTally(self._zone, self._query, counts, None, None)

    def _update_position(self, track_id: int, point: Xy, corners: Xy, margin: float) -> None:
        position = self._positions.setdefault(track_id, _LinePosition(point))
        previous, current = (_distance(p, corners) for p in (position.point, point))
        if previous * current <= 0 and previous != current:
            position.crosses_between_ends = _is_between_ends(
                position.point, point, previous / (previous - current), corners
            )
        position.point = point
        if abs(current) <= margin:
            return
        side = 1 if current > 0 else -1
        if position.side == -side and position.crosses_between_ends:
            self._add_event(track_id, ZoneEventKind.IN if side > 0 else ZoneEventKind.OUT)
        position.side = side

    def _forget(self, track_id: int) -> None:
        self._positions.pop(track_id, None)


def _distance(point: Xy, ends: Xy) -> float:
    """Return the signed distance from the extended line in pixels, positive on its right side."""
    along, to = ends[1] - ends[0], point - ends[0]
    return float((along[0] * to[1] - along[1] * to[0]) / np.hypot(*along))


def _is_between_ends(start: Xy, end: Xy, fraction_of_step: float, ends: Xy) -> bool:
    """Return whether the point at a fraction of the step lies between the ends of the line."""
    along = ends[1] - ends[0]
    fraction = float((start + fraction_of_step * (end - start) - ends[0]) @ along / (along @ along))
    return 0.0 <= fraction <= 1.0


class PolygonCounter(ZoneCounter):
    """Counts entries, exits, objects inside and dwell times at one polygon.

    A track first seen inside enters at that time; one lost inside exits when it was last seen. So
    entries minus exits are always the objects inside.
    """

    def __init__(self, zone: PolygonZone, query: str) -> None:
        super().__init__(zone, query)
        self._entered_at: dict[int, datetime] = {}
        self._dwell_s = 0.0

    def tally(self) -> ZoneTally:
        """Return entries, exits, confirmed tracks inside and mean dwell so far."""
        counts = {
            kind: self._event_counts.get(kind, 0)
            for kind in (ZoneEventKind.ENTER, ZoneEventKind.EXIT)
        }
        left = counts[ZoneEventKind.EXIT]
        inside = counts[ZoneEventKind.ENTER] - left
        return ZoneTally(
            self._zone, self._query, counts, inside, self._dwell_s / left if left else None
        )

    def _update_position(self, track_id: int, point: Xy, corners: Xy, margin: float) -> None:
        outline = corners.astype(np.float32)
        margin = min(margin, MAX_MARGIN_SHARE * float(np.ptp(corners, axis=0).min()))
        depth = cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), True)
        if track_id in self._entered_at:
            if depth < -margin:
                self._leave(track_id)
        elif depth > margin:
            self._entered_at[track_id] = self._last_seen[track_id].at
            self._add_event(track_id, ZoneEventKind.ENTER)

    def _leave(self, track_id: int) -> None:
        dwell = self._last_seen[track_id].at - self._entered_at.pop(track_id)
        self._add_event(track_id, ZoneEventKind.EXIT, max(dwell.total_seconds(), 0.0))

    def _forget(self, track_id: int) -> None:
        if track_id in self._entered_at:
            self._leave(track_id)

    def _tally_events(self, events: list[CountEvent]) -> tuple[CountEvent, ...]:
        self._dwell_s += sum(event.dwell_s or 0.0 for event in events)
        return super()._tally_events(events)


def build_counter(zone: Zone, query: str) -> ZoneCounter:
    """Build the counter for a kind of zone."""
    if isinstance(zone, LineZone):
        return LineCounter(zone, query)
    return PolygonCounter(zone, query)
