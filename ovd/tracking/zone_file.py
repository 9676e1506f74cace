"""Zones and masks in a TOML file, beside a clip or given with `--zones`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovd.domain.zones import (
    Mask,
    Point,
    Zone,
    build_mask,
    build_zone,
    require_distinct_masks,
    require_distinct_names,
)
from ovd.errors import ZoneError
from ovd.text_files import read_toml

_KEYS = {"name", "kind", "points", "anchor", "true_in", "true_out"}
_MASK_KEYS = {"name", "kind", "points", "anchor", "query"}


@dataclass(frozen=True)
class ZoneTruth:
    """A zone of a file, with the ground truth of a line.

    Attributes:
        zone: The zone itself.
        true_in: Ground-truth crossings inwards over the whole clip; None if unknown.
        true_out: Crossings outwards, likewise.
    """

    zone: Zone
    true_in: int | None
    true_out: int | None


def load_zones(path: Path) -> tuple[ZoneTruth, ...]:
    """Read the `[[zones]]` tables of a file; other tables of it are left alone.

    Raises:
        ZoneError: If the file cannot be read, has neither zone nor mask, or a zone of it cannot be.
    """
    content = _read_file(path)
    tables = content.get("zones", [] if content.get("masks") else None)
    if not isinstance(tables, list) or (not tables and not content.get("masks")):
        raise ZoneError(
            f"zone file {path} has no zone; write one as [[zones]] with name, kind and points"
        )
    truths = tuple(
        _read(f"zone {number} of {path}", table) for number, table in enumerate(tables, start=1)
    )
    require_distinct_names([truth.zone for truth in truths])
    return truths


def load_masks(path: Path) -> tuple[Mask, ...]:
    """Read the `[[masks]]` tables of a file; none where it has none.

    Raises:
        ZoneError: If the file cannot be read, or a mask of it cannot be.
    """
    tables = _read_file(path).get("masks", [])
    if not isinstance(tables, list):
        raise ZoneError(f"{path}: write masks as [[masks]] with name, kind and points")
    return require_distinct_masks(
        [_read_mask(f"mask {number} of {path}", table) for number, table in enumerate(tables, 1)]
    )


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path)
    except FileNotFoundError:
        raise ZoneError(f"zone file {path} does not exist") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ZoneError(f"zone file {path} cannot be read as TOML: {error}") from error


def _read(place: str, table: Any) -> ZoneTruth:
    name, kind, anchor = _read_texts(place, table, _KEYS)
    zone = build_zone(kind, name, _read_points(place, table["points"]), anchor)
    return ZoneTruth(
        zone, _read_count(place, table, "true_in"), _read_count(place, table, "true_out")
    )


def _read_mask(place: str, table: Any) -> Mask:
    name, kind, anchor = _read_texts(place, table, _MASK_KEYS)
    query = table.get("query", "")
    if not isinstance(query, str):
        raise ZoneError(f"{place}: the query is a text in quotes")
    return build_mask(kind, name, _read_points(place, table["points"]), anchor, query)


def _read_texts(place: str, table: Any, known: set[str]) -> tuple[str, str, str]:
    """Return name, kind and anchor of a table with points."""
    if not isinstance(table, dict):
        raise ZoneError(f"{place} is no table; write double brackets above its name and points")
    unknown = sorted(set(table) - known)
    if unknown:
        raise ZoneError(f"{place} has the unknown key {unknown[0]!r}; known: {sorted(known)}")
    for key in ("name", "kind", "points"):
        if key not in table:
            raise ZoneError(f"{place} has no {key!r}")
    name, kind, anchor = table["name"], table["kind"], table.get("anchor", "bottom")
    if not all(isinstance(word, str) for word in (name, kind, anchor)):
        raise ZoneError(f"{place}: name, kind and anchor are texts in quotes")
    return name, kind, anchor


def _read_points(place: str, points: Any) -> list[Point]:
    if not isinstance(points, list):
        raise ZoneError(f"{place}: points are a list such as [[0.1, 0.5], [0.9, 0.5]]")
    return [_read_point(place, point) for point in points]


def _read_point(place: str, point: Any) -> Point:
    numbers = [
        float(number)
        for number in (point if isinstance(point, list) else [])
        if isinstance(number, int | float) and not isinstance(number, bool)
    ]
    if len(numbers) != 2 or len(point) != 2:
        raise ZoneError(f"{place}: a point is two numbers such as [0.1, 0.5], got {point!r}")
    return numbers[0], numbers[1]


def _read_count(place: str, table: dict[str, Any], key: str) -> int | None:
    count = table.get(key)
    if count is None:
        return None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ZoneError(f"{place}: {key} is a whole number from 0, got {count!r}")
    return count
