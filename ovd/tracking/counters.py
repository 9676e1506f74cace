"""Counting what tracks do at one zone; a box that trembles on a line counts once."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Tracks
from ovd.domain.events import CountEvent, Passage, ZoneTally
from ovd.domain.frame import Frame
from ovd.domain.zones import LineZone, PolygonZone, Zone

# A side is taken when the anchor is beyond the edge by this share of the box's height: boxes of a
# person who stands still tremble by a few hundredths.
MARGIN = 0.1
# A narrow polygon has room for no more than this share of its shorter side.
NARROW = 0.25

Xy = NDArray[np.float64]


def _to_pixels(zone: Zone, frame: Frame) -> Xy:
    height, width = frame.size_hw
    return np.array(zone.points_norm, dtype=np.float64) * (width, height)


@dataclass
class _Sight:
    """One track as it was last seen, and what it did before it was confirmed."""

    at: datetime
    frame_index: int
    score: float
    xyxy: tuple[float, float, float, float]
    confirmed: bool


class ZoneCounter(ABC):
    """What all counters share: who is confirmed, and what waits until then.

    One counter serves one zone and one query. Everything kept per track is dropped when the
    track ends.
    """

    def __init__(self, zone: Zone, query: str) -> None:
        self._zone = zone
        self._query = query
        self._sights: dict[int, _Sight] = {}
        self._waiting: dict[int, list[CountEvent]] = {}
        self._passages: dict[Passage, int] = {}

    def update(self, tracks: Tracks, frame: Frame) -> tuple[CountEvent, ...]:
        """Take the tracks of the query in the next frame; the events of confirmed ones.

        What a track did before it was confirmed is reported when it is; tracks that end
        unconfirmed did nothing.
        """
        found = self._end(tracks.ended)
        points = self._zone.anchor.points(tracks.detections.xyxy)
        corners = _to_pixels(self._zone, frame)
        for i, track_id in enumerate(tracks.track_id.tolist()):
            x0, y0, x1, y1 = map(float, tracks.detections.xyxy[i])
            self._sights[track_id] = _Sight(
                frame.captured_at,
                frame.index,
                float(tracks.detections.score[i]),
                (x0, y0, x1, y1),
                bool(tracks.confirmed[i]),
            )
            self._look(track_id, points[i], corners, MARGIN * (y1 - y0))
            if tracks.confirmed[i]:
                found += self._waiting.pop(track_id, [])
        return self._report(found)

    def end_all(self) -> tuple[CountEvent, ...]:
        """No track comes back: the run ends, or too long a gap begins."""
        return self._report(self._end(tuple(self._sights)))

    @abstractmethod
    def tally(self) -> ZoneTally:
        """How the zone stands."""

    @abstractmethod
    def _look(self, track_id: int, point: Xy, corners: Xy, margin: float) -> None:
        """Note where a track is; what it did is passed to `_note`."""

    @abstractmethod
    def _forget(self, track_id: int) -> None:
        """Drop what is kept of a track; a last event is passed to `_note`."""

    def _note(self, track_id: int, passage: Passage, dwell_s: float | None = None) -> None:
        sight = self._sights[track_id]
        event = CountEvent(
            self._zone,
            self._query,
            track_id,
            passage,
            sight.frame_index,
            sight.at,
            sight.score,
            sight.xyxy,
            dwell_s,
        )
        self._waiting.setdefault(track_id, []).append(event)

    def _end(self, ended: tuple[int, ...]) -> list[CountEvent]:
        found: list[CountEvent] = []
        for track_id in ended:
            if track_id not in self._sights:
                continue
            self._forget(track_id)
            waiting = self._waiting.pop(track_id, [])
            if self._sights.pop(track_id).confirmed:
                found += waiting
        return found

    def _report(self, events: list[CountEvent]) -> tuple[CountEvent, ...]:
        for event in events:
            self._passages[event.passage] = self._passages.get(event.passage, 0) + 1
        return tuple(events)


@dataclass
class _Path:
    """Where a track is seen from a line.

    Attributes:
        point: Its anchor when last seen.
        side: 1 or -1 once it was clearly on a side, before that 0.
        through: Whether its last step over the extended line went between the ends.
    """

    point: Xy
    side: int = 0
    through: bool = False


class LineCounter(ZoneCounter):
    """Counts crossings of one line by the tracks of one query."""

    def __init__(self, zone: LineZone, query: str) -> None:
        super().__init__(zone, query)
        self._paths: dict[int, _Path] = {}

    def tally(self) -> ZoneTally:
        """Crossings so far."""
        counts = {kind: self._passages.get(kind, 0) for kind in (Passage.IN, Passage.OUT)}
        return ZoneTally(self._zone, self._query, counts, None, None)

    def _look(self, track_id: int, point: Xy, corners: Xy, margin: float) -> None:
        path = self._paths.setdefault(track_id, _Path(point))
        before, now = (_distance(p, corners) for p in (path.point, point))
        if before * now <= 0 and before != now:
            path.through = _is_between_ends(path.point, point, before / (before - now), corners)
        path.point = point
        if abs(now) <= margin:
            return
        side = 1 if now > 0 else -1
        if path.side == -side and path.through:
            self._note(track_id, Passage.IN if side > 0 else Passage.OUT)
        path.side = side

    def _forget(self, track_id: int) -> None:
        self._paths.pop(track_id, None)


def _distance(point: Xy, ends: Xy) -> float:
    """Pixels from the extended line, positive on the right hand of who looks along it."""
    along, to = ends[1] - ends[0], point - ends[0]
    return float((along[0] * to[1] - along[1] * to[0]) / np.hypot(*along))


def _is_between_ends(start: Xy, end: Xy, share: float, ends: Xy) -> bool:
    """Whether the point at a share of the way from start to end lies between the ends."""
    along = ends[1] - ends[0]
    place = float((start + share * (end - start) - ends[0]) @ along / (along @ along))
    return 0.0 <= place <= 1.0


class PolygonCounter(ZoneCounter):
    """Counts who enters and leaves one polygon, who is inside, and for how long.

    Who is first seen inside has entered then; who is lost inside has left when last seen. So
    entries less exits are always those inside.
    """

    def __init__(self, zone: PolygonZone, query: str) -> None:
        super().__init__(zone, query)
        self._since: dict[int, datetime] = {}
        self._dwell_s = 0.0

    def tally(self) -> ZoneTally:
        """Entries, exits, confirmed tracks inside and mean dwell so far."""
        counts = {kind: self._passages.get(kind, 0) for kind in (Passage.ENTER, Passage.EXIT)}
        left = counts[Passage.EXIT]
        inside = counts[Passage.ENTER] - left
        return ZoneTally(
            self._zone, self._query, counts, inside, self._dwell_s / left if left else None
        )

    def _look(self, track_id: int, point: Xy, corners: Xy, margin: float) -> None:
        outline = corners.astype(np.float32)
        margin = min(margin, NARROW * float(np.ptp(corners, axis=0).min()))
        depth = cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), True)
        if track_id in self._since:
            if depth < -margin:
                self._leave(track_id)
        elif depth > margin:
            self._since[track_id] = self._sights[track_id].at
            self._note(track_id, Passage.ENTER)

    def _leave(self, track_id: int) -> None:
        dwell = self._sights[track_id].at - self._since.pop(track_id)
        self._note(track_id, Passage.EXIT, max(dwell.total_seconds(), 0.0))

    def _forget(self, track_id: int) -> None:
        if track_id in self._since:
            self._leave(track_id)

    def _report(self, events: list[CountEvent]) -> tuple[CountEvent, ...]:
        self._dwell_s += sum(event.dwell_s or 0.0 for event in events)
        return super()._report(events)


def make_counter(zone: Zone, query: str) -> ZoneCounter:
    """The counter for a kind of zone."""
    if isinstance(zone, LineZone):
        return LineCounter(zone, query)
    return PolygonCounter(zone, query)
