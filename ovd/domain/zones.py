"""Lines and polygons in the image of a camera, in fractions of its width and height."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ovd.domain.names import normalise_name
from ovd.errors import ZoneError

MAX_ZONE_NAME = 200
# A line or polygon below these fractions of the image is drawn by mistake.
MIN_LINE_LENGTH = 0.005
MIN_AREA = 1e-4
# A point on the edge of the image is inside an area that reaches it.
_EDGE = 1e-9

Point = tuple[float, float]


class Anchor(StrEnum):
    """The point of a box that decides whether an object is inside a zone."""

    BOTTOM = "bottom"
    CENTER = "center"
    TOP = "top"

    def points(self, xyxy: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the `(N, 2)` anchor points of `(N, 4)` boxes, in the unit of the boxes."""
        x = (xyxy[:, 0] + xyxy[:, 2]) / 2
        share = {"top": 0.0, "center": 0.5, "bottom": 1.0}[self.value]
        y = xyxy[:, 1] + share * (xyxy[:, 3] - xyxy[:, 1])
        return np.stack([x, y], axis=1).astype(np.float64)


@dataclass(frozen=True)
class LineZone:
    """A line that is crossed inwards or outwards.

    Looking from the first point to the second, "in" is a crossing from left to right as seen in the
    image. Exchanging the points exchanges in and out.

    Attributes:
        name: Unique among the zones of a camera.
        points_norm: The two ends as (x, y) in [0, 1] of the image's width and height.
        anchor: The point of a box that has to cross.
    """

    name: str
    points_norm: tuple[Point, ...]
    anchor: Anchor = Anchor.BOTTOM

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", normalise_name(self.name))
        _check(self.name, self.points_norm)
        if len(self.points_norm) != 2:
            raise ZoneError(
                f"line {self.name!r} needs exactly 2 points, got {len(self.points_norm)}; an area "
                'is a zone of kind "polygon"'
            )
        (x0, y0), (x1, y1) = self.points_norm
        if np.hypot(x1 - x0, y1 - y0) < MIN_LINE_LENGTH:
            raise ZoneError(f"the ends of line {self.name!r} coincide; move one")


@dataclass(frozen=True)
class PolygonZone:
    """An area that is entered and left.

    Attributes:
        name: Unique among the zones of a camera.
        points_norm: Three corners or more as (x, y) in [0, 1] of the image's width and height.
        anchor: The point of a box that has to be inside.
    """

    name: str
    points_norm: tuple[Point, ...]
    anchor: Anchor = Anchor.BOTTOM

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", normalise_name(self.name))
        _check(self.name, self.points_norm)
        if len(self.points_norm) < 3:
            raise ZoneError(
                f"polygon {self.name!r} needs at least 3 points, got {len(self.points_norm)}"
            )
        if _intersects_itself(self.points_norm):
            raise ZoneError(
                f"the edges of polygon {self.name!r} cross or touch each other; give its corners "
                "in the order of its outline, each once"
            )
        if abs(_area(self.points_norm)) < MIN_AREA:
            raise ZoneError(f"polygon {self.name!r} has no area; its corners lie on one line")


Zone = LineZone | PolygonZone


class MaskKind(StrEnum):
    """The effect of a mask."""

    IGNORE = "ignore"
    PRIVACY = "privacy"


@dataclass(frozen=True)
class Mask:
    """An area in which nothing is counted (ignore), or that is black in every image (privacy).

    Attributes:
        name: Unique among the masks of a camera.
        kind: Its effect.
        points_norm: Three corners or more as (x, y) in [0, 1] of the image's width and height.
        anchor: The point of a box that has to be inside, of an ignore area.
        query: Text of the one query that it holds for; empty for all. A privacy area has none.
    """

    name: str
    kind: MaskKind
    points_norm: tuple[Point, ...]
    anchor: Anchor = Anchor.BOTTOM
    query: str = ""

    def __post_init__(self) -> None:
        outline = PolygonZone(self.name, self.points_norm, self.anchor)
        object.__setattr__(self, "name", outline.name)
        object.__setattr__(self, "query", normalise_name(self.query))
        if self.query and self.kind is MaskKind.PRIVACY:
            raise ZoneError(
                f"privacy area {self.name!r} has the query {self.query!r}; it hides everything, so "
                "leave the query out"
            )

    def is_for(self, query_text: str) -> bool:
        """Return whether it holds for a query, whatever the case of its text."""
        return not self.query or self.query.casefold() == normalise_name(query_text).casefold()

    def contains(self, points_norm: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which of `(N, 2)` points are inside; those beside the image count at its edge."""
        x, y = np.clip(points_norm, 0.0, 1.0 - _EDGE).T
        inside = np.zeros(len(points_norm), dtype=np.bool_)
        for (x0, y0), (x1, y1) in zip(
            self.points_norm, (*self.points_norm[1:], self.points_norm[0]), strict=True
        ):
            if y0 != y1:
                beyond = x < x0 + (y - y0) * (x1 - x0) / (y1 - y0)
                inside ^= ((y0 > y) != (y1 > y)) & beyond
        return inside


def build_mask(
    kind: str, name: str, points_norm: Sequence[Point], anchor: str = "bottom", query: str = ""
) -> Mask:
    """Build a mask from the values of a file or table.

    Raises:
        ZoneError: If the kind or anchor is unknown, or the mask cannot be.
    """
    if kind not in tuple(MaskKind):
        raise ZoneError(f"mask {name!r} has the kind {kind!r}; known: {', '.join(MaskKind)}")
    if anchor not in tuple(Anchor):
        raise ZoneError(f"mask {name!r} has the anchor {anchor!r}; known: {', '.join(Anchor)}")
    points = tuple((float(x), float(y)) for x, y in points_norm)
    return Mask(name, MaskKind(kind), points, Anchor(anchor), query)


def zone_kind(zone: Zone) -> str:
    """Return the name of a kind of zone in files and tables: line or polygon."""
    return "line" if isinstance(zone, LineZone) else "polygon"


def build_zone(kind: str, name: str, points_norm: Sequence[Point], anchor: str) -> Zone:
    """Build a zone from the values of a file or table.

    Raises:
        ZoneError: If the kind or anchor is unknown, or the zone cannot be.
    """
    known: dict[str, type[LineZone] | type[PolygonZone]]
    known = {"line": LineZone, "polygon": PolygonZone}
    if kind not in known:
        raise ZoneError(f"zone {name!r} has the kind {kind!r}; known: {', '.join(known)}")
    if anchor not in tuple(Anchor):
        raise ZoneError(f"zone {name!r} has the anchor {anchor!r}; known: {', '.join(Anchor)}")
    return known[kind](name, tuple((float(x), float(y)) for x, y in points_norm), Anchor(anchor))


def require_distinct_names(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Return the zones of one camera, whose names must differ.

    Raises:
        ZoneError: If two have the same name, whatever its case.
    """
    _require_distinct("zones", zones)
    return tuple(zones)


def require_distinct_masks(masks: Sequence[Mask]) -> tuple[Mask, ...]:
    """Return the masks of one camera, whose names must differ.

    Raises:
        ZoneError: If two have the same name, whatever its case.
    """
    _require_distinct("masks", masks)
    return tuple(masks)


def _require_distinct(what: str, areas: Sequence[Zone | Mask]) -> None:
    seen: set[str] = set()
    for area in areas:
        if area.name.casefold() in seen:
            raise ZoneError(f"two {what} are named {area.name!r}; rename one")
        seen.add(area.name.casefold())


def _check(name: str, points_norm: Sequence[Point]) -> None:
    if not name.strip() or len(name) > MAX_ZONE_NAME or not name.isprintable():
        raise ZoneError(
            f"a zone needs a printable name of 1 to {MAX_ZONE_NAME} characters, got {name[:40]!r}"
        )
    for x, y in points_norm:
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise ZoneError(
                f"zone {name!r} has the point ({x:g}, {y:g}) outside the image; points are "
                "fractions of width and height from 0 to 1"
            )


def _area(points: Sequence[Point]) -> float:
    following = (*points[1:], points[0])
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, following, strict=True)) / 2


def _intersects_itself(points: Sequence[Point]) -> bool:
    edges = list(zip(points, (*points[1:], points[0]), strict=True))
    if any(start == end for start, end in edges) or len(set(points)) < len(points):
        return True
    return any(
        _segments_intersect(*edges[i], *edges[j])
        for i in range(len(edges))
        for j in range(i + 2, len(edges))
        if (j + 1) % len(edges) != i
    )


def _segments_intersect(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether two line segments have a point in common."""
    turns = (
        _orientation(a, b, c),
        _orientation(a, b, d),
        _orientation(c, d, a),
        _orientation(c, d, b),
    )
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _is_on_segment(start, end, p) for turn, start, end, p in ends)


def _orientation(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_on_segment(start: Point, end: Point, point: Point) -> bool:
    """Return whether a point on the line through two others lies between them."""
    return all(
        min(start[axis], end[axis]) <= point[axis] <= max(start[axis], end[axis]) for axis in (0, 1)
    )
