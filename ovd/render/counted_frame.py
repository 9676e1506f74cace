"""Drawing of a counted frame: zones with their counts, boxes with the ids of their tracks."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.events import FrameResult, ZoneEventKind, ZoneTally
from ovd.domain.frame import Image
from ovd.domain.zones import LineZone
from ovd.render.annotate import annotate
from ovd.render.palette import INK, WHITE

_FONT = "sans"
_WEIGHT = 600
_FILL = 0.14
_SHADE = 0.7
_ZONE = (0xFF, 0xD2, 0x1F)
_ARROW_SHARE = 0.035

Corners = NDArray[np.int32]


def draw_result(result: FrameResult, *, legend: bool = True) -> Image:
    """Draw a counted frame into a copy of its image.

    Args:
        result: The frame. If its objects were tracked, tags show the ids of confirmed tracks.
        legend: Whether to list every query with its count in a corner.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    image = draw_zones(result.frame.image, result.zones)
    tracks = result.tracks
    if len(tracks) != len(result.detections):
        return annotate(image, result.detections, legend=legend)
    marks = [
        f"#{track_id}" if confirmed else "…"
        for track_id, confirmed in zip(tracks.track_id, tracks.confirmed, strict=True)
    ]
    return annotate(image, tracks.detections, marks=marks, legend=legend)


def draw_zones(image: Image, tallies: Sequence[ZoneTally]) -> Image:
    """Draw zones and their counts, added up over all queries, into a copy of an image.

    Args:
        image: `(H, W, 3)` uint8 RGB; not modified.
        tallies: Counts at the zones; several of one zone are added up.
    """
    canvas = np.ascontiguousarray(image).copy()
    height, width = canvas.shape[:2]
    line = max(2, round(min(height, width) / 260))
    for zone in dict.fromkeys(tally.zone for tally in tallies):
        of_zone = [tally for tally in tallies if tally.zone == zone]
        corners = np.round(np.array(zone.points_norm) * (width - 1, height - 1)).astype(np.int32)
        if isinstance(zone, LineZone):
            _draw_line(canvas, corners, line)
        else:
            _draw_polygon(canvas, corners, line)
        _draw_label(canvas, corners, f"{zone.name}  {_describe(of_zone)}", line)
    return canvas


def _describe(tallies: Sequence[ZoneTally]) -> str:
    def total(kind: ZoneEventKind) -> int:
        return sum(tally.event_counts.get(kind, 0) for tally in tallies)

    if tallies[0].inside is None:
        return f"in {total(ZoneEventKind.IN)}  out {total(ZoneEventKind.OUT)}"
    return f"{sum(tally.inside or 0 for tally in tallies)} inside"


def _draw_line(canvas: Image, ends: Corners, line: int) -> None:
    """Draw the line, and an arrow in its middle that points inwards."""
    start, end = ends.tolist()
    cv2.line(canvas, start, end, INK, 2 * line, cv2.LINE_AA)
    cv2.line(canvas, start, end, _ZONE, line, cv2.LINE_AA)
    along = (ends[1] - ends[0]) / max(float(np.hypot(*(ends[1] - ends[0]))), 1.0)
    middle = ends.mean(axis=0)
    inwards = middle + np.array([-along[1], along[0]]) * _ARROW_SHARE * max(canvas.shape[:2])
    tail, head = np.round([middle, inwards]).astype(int).tolist()
    cv2.arrowedLine(canvas, tail, head, INK, 2 * line, cv2.LINE_AA, tipLength=0.4)
    cv2.arrowedLine(canvas, tail, head, _ZONE, line, cv2.LINE_AA, tipLength=0.4)


def _draw_polygon(canvas: Image, corners: Corners, line: int) -> None:
    filled = canvas.copy()
    cv2.fillPoly(filled, [corners], _ZONE)
    cv2.addWeighted(filled, _FILL, canvas, 1 - _FILL, 0, dst=canvas)
    cv2.polylines(canvas, [corners], True, _ZONE, line, cv2.LINE_AA)


def _draw_label(canvas: Image, corners: Corners, text: str, line: int) -> None:
    """Draw the counts on a dark background beside the zone's first point, inside the image."""
    height, width = canvas.shape[:2]
    size = max(10, round(0.025 * min(height, width)))
    font = cv2.FontFace(_FONT)
    text_width = int(cv2.getTextSize((0, 0), text, (0, 0), font, size, _WEIGHT)[2])
    pad = size // 3
    box_width, box_height = text_width + 2 * pad, size + 2 * pad
    x = int(np.clip(corners[0][0] + 2 * line, 0, max(width - box_width, 0)))
    y = int(np.clip(corners[0][1] - box_height, 0, max(height - box_height, 0)))
    under = canvas[y : y + box_height, x : x + box_width]
    under[:] = (under * (1 - _SHADE)).astype(np.uint8)
    baseline = y + pad + round(0.82 * size)
    cv2.putText(canvas, text, (x + pad, baseline), WHITE, font, size, _WEIGHT)
