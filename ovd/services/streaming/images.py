"""Live images for open windows: a small JPEG, and beside it what lies over it."""

import json
import struct
from collections.abc import Iterable

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, ZoneEventKind, ZoneTally
from ovd.domain.ports import CameraFleet, LiveFrame
from ovd.domain.zones import Zone, zone_kind
from ovd.render.annotate import encode_jpeg
from ovd.render.palette import css_colour, query_colours
from ovd.services.streaming.jpegs import shrink

# The longest sides that images are made in; a window asks for what fits its tiles.
SIDES = (320, 640, 1280)
JsonObject = dict[str, object]


class LiveImages:
    """Messages with the newest images of cameras; who asks keeps them."""

    def __init__(self, fleet: CameraFleet) -> None:
        """Show the frames of a fleet."""
        self._fleet = fleet

    def latest(self, camera: str) -> LiveFrame | None:
        """Return the newest counted frame, None before the first.

        Raises:
            CameraError: If no camera has that name.
        """
        return self._fleet.latest(camera)

    def message(self, camera: str, live: LiveFrame, side: int) -> bytes:
        """Return the message of a frame: length of a JSON header, the header, a JPEG.

        Args:
            camera: Name of the camera.
            live: Its frame.
            side: Longest side in pixels, one of `SIDES`.

        Raises:
            CameraError: If no camera has that name.
        """
        header = describe_frame(camera, live.result)
        age_s = self._fleet.status(camera).frame_age_s
        header["age_s"] = 0.0 if age_s is None else round(age_s, 1)
        jpeg = encode_jpeg(shrink(live.result.frame.image, side))
        return pack(header, jpeg)


def pack(header: JsonObject, jpeg: bytes) -> bytes:
    """Put a header before an image, with its length in four bytes before it."""
    data = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return struct.pack(">I", len(data)) + data + jpeg


def fitting_side(width: int) -> int:
    """Return the smallest of `SIDES` that fills a width in pixels; else the largest."""
    return next((side for side in SIDES if side >= width), SIDES[-1])


def describe_frame(camera: str, result: FrameResult) -> JsonObject:
    """Return what lies over a frame: boxes with their queries, and zones; places in [0, 1]."""
    texts = [entry.query.text for entry in result.counts]
    height, width = result.frame.size_hw
    return {
        "camera": camera,
        "at": result.frame.captured_at.isoformat(),
        "size": [width, height],
        "queries": texts,
        "colours": [css_colour(colour) for colour in query_colours(texts)],
        "boxes": _boxes(result, texts),
        "zones": _zones(result.zones),
    }


def _boxes(result: FrameResult, texts: list[str]) -> list[JsonObject]:
    """Return each object once, with all queries that it answers to."""
    tracks, found = result.tracks, result.detections
    ids: list[tuple[int | None, bool]] = [(None, True)] * len(found)
    if len(tracks) == len(found):
        found = tracks.detections
        pairs = zip(tracks.track_id.tolist(), tracks.confirmed.tolist(), strict=True)
        ids = [(number if confirmed else None, confirmed) for number, confirmed in pairs]
    boxes: dict[tuple[float, ...], list[list[object]]] = {}
    for place, label, (number, confirmed) in zip(
        _places(found, result.frame.size_hw), found.label_id.tolist(), ids, strict=True
    ):
        text = found.labels[label]
        if text in texts:
            boxes.setdefault(place, []).append([texts.index(text), number, confirmed])
    return [{"at": list(place), "of": of} for place, of in boxes.items()]


def _places(found: Detections, size_hw: tuple[int, int]) -> list[tuple[float, ...]]:
    height, width = size_hw
    shares = np.round(found.xyxy / np.array([width, height, width, height], np.float32), 4)
    return [tuple(place) for place in np.clip(shares, 0.0, 1.0).astype(float).tolist()]


def _zones(tallies: Iterable[ZoneTally]) -> list[JsonObject]:
    by_zone: dict[Zone, list[ZoneTally]] = {}
    for tally in tallies:
        by_zone.setdefault(tally.zone, []).append(tally)
    return [
        {
            "name": zone.name,
            "kind": zone_kind(zone),
            "points": [list(point) for point in zone.points_norm],
            "in": _total(of_zone, ZoneEventKind.IN),
            "out": _total(of_zone, ZoneEventKind.OUT),
            "inside": sum(tally.inside or 0 for tally in of_zone),
        }
        for zone, of_zone in by_zone.items()
    ]


def _total(tallies: list[ZoneTally], kind: ZoneEventKind) -> int:
    return sum(tally.event_counts.get(kind, 0) for tally in tallies)
