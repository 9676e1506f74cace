"""Descriptions of sites as plain values: what files, requests and the database hold."""

from collections.abc import Mapping
from datetime import date, time
from typing import cast
from zoneinfo import ZoneInfo

from ovd.domain.alerts.schedules import WEEKDAYS, WeeklyHours
from ovd.domain.sites.door import Area, Door, DoorLine, Staff
from ovd.domain.sites.hours import OpeningHours, SpecialDay, parse_hours
from ovd.domain.sites.queue import Queue
from ovd.domain.sites.site import ResetAt, Room, Site
from ovd.domain.time_zones import load_zone
from ovd.errors import SiteError, TimeRangeError

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Description = Mapping[str, object]

CLOSING = "closing"
_SITE = {
    "name",
    "tz",
    "query",
    "doors",
    "room",
    "hours",
    "holidays",
    "capacity",
    "reset",
    "area_m2",
    "queues",
    "staff",
    "currency",
}
_LINE = {"camera", "line", "enter"}
_DOOR = {"name", "more", "passing", "imported"} | _LINE
_PASSING = {"camera", "line"}
_AREA = {"camera", "area"}
_QUEUE = {"name", "front", "limit_s"} | _AREA
_STAFF = {"areas", "turn_back_s"}
_ROOM = {"camera", "query"}
_HOLIDAY = {"day", "name", "hours"}
_SENSES = {"in": True, "out": False}


def parse_site(values: Description) -> Site:
    """Read a site from plain values.

    Args:
        values: `name`, `doors` (each with `camera`, `line`, `enter` "in" or "out", `name`), and
            where wanted `tz`, `query`, `room`, `hours`, `holidays`, `capacity`, `reset`, `area_m2`,
            `queues`, `staff`, `currency`.

    Raises:
        SiteError: If a key is unknown, one is missing, or a value cannot be used.
    """
    _refuse_unknown(values, _SITE, "a site")
    name = _text(values, "name", "a site")
    where = f"site {name[:60]!r}"
    holidays = tuple(_holiday(entry, where) for entry in _tables(values, "holidays", where))
    weekly = tuple(parse_hours(text) for text in _texts(values, "hours", where))
    room = values.get("room")
    return Site(
        name=name,
        doors=tuple(_door(entry, where) for entry in _tables(values, "doors", where)),
        hours=OpeningHours(_zone(values, where), weekly, holidays),
        query=_text(values, "query", where, "person"),
        room=None if room is None else _room(_table(room, "room", where), where),
        capacity=cast("int | None", _number(values, "capacity", where, whole=True)),
        reset=_reset(values, where),
        area_m2=_number(values, "area_m2", where, whole=False),
        queues=tuple(_queue(entry, where) for entry in _tables(values, "queues", where)),
        staff=_staff(values.get("staff"), where),
        currency=_text(values, "currency", where, ""),
    )


def describe_site(site: Site) -> dict[str, Value]:
    """Return a site as plain values that `parse_site` reads."""
    room = site.room
    described: dict[str, Value] = {
        "name": site.name,
        "tz": site.hours.zone.key,
        "query": site.query,
        "doors": [
            {
                "name": door.name,
                **_describe_line(door.camera, door.line, door.enters),
                "more": [_describe_line(line.camera, line.line, line.enters) for line in door.more],
                "passing": [{"camera": line.camera, "line": line.line} for line in door.passing],
                "imported": door.imported,
            }
            for door in site.doors
        ],
        "room": None if room is None else {"camera": room.camera, "query": room.query},
        "hours": [describe_hours(hours) for hours in site.hours.weekly],
        "holidays": [
            {
                "day": special.day.isoformat(),
                "name": special.name,
                "hours": [describe_hours(hours) for hours in special.hours],
            }
            for special in site.hours.special
        ],
        "capacity": site.capacity,
        "reset": CLOSING if site.reset.local is None else site.reset.local.strftime("%H:%M"),
        "area_m2": site.area_m2,
        "queues": [
            {
                "name": queue.name,
                "camera": queue.camera,
                "area": queue.area,
                "front": queue.front,
                "limit_s": queue.limit_s,
            }
            for queue in site.queues
        ],
        "staff": {
            "areas": [{"camera": area.camera, "area": area.area} for area in site.staff.areas],
            "turn_back_s": site.staff.turn_back_s,
        },
        "currency": site.currency,
    }
    return described


def _describe_line(camera: str, line: str, enters: bool) -> dict[str, Value]:
    return {"camera": camera, "line": line, "enter": "in" if enters else "out"}


def describe_hours(hours: WeeklyHours) -> str:
    """Return weekly hours as they are written, such as `mon,tue 09:00-18:00`."""
    days = (
        ""
        if len(hours.weekdays) == 7
        else ",".join(WEEKDAYS[day] for day in sorted(hours.weekdays))
    )
    start, end = hours.start_minute, hours.end_minute
    clock = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    return f"{days} {clock}".strip()


def _door(values: Description, where: str) -> Door:
    of = f"a door of {where}"
    _refuse_unknown(values, _DOOR, of)
    imported = values.get("imported") or False
    if not isinstance(imported, bool):
        raise SiteError(f'"imported" of {of} is {imported!r:.60}; true or false is wanted')
    return Door(
        _text(values, "camera", of, "" if imported else None),
        _text(values, "line", of, "" if imported else None),
        _sense(values, of),
        _text(values, "name", of, ""),
        tuple(_other_line(entry, _LINE, of) for entry in _tables(values, "more", of)),
        tuple(_other_line(entry, _PASSING, of) for entry in _tables(values, "passing", of)),
        imported,
    )


def _other_line(values: Description, known: set[str], of: str) -> DoorLine:
    _refuse_unknown(values, known, f"a line of {of}")
    return DoorLine(_text(values, "camera", of), _text(values, "line", of), _sense(values, of))


def _sense(values: Description, of: str) -> bool:
    sense = _text(values, "enter", of, "in")
    if sense not in _SENSES:
        raise SiteError(
            f'"enter" of {of} is {sense[:40]!r}; "in" or "out" is wanted: which crossing of the '
            "line enters the site"
        )
    return _SENSES[sense]


def _area(values: Description, of: str) -> Area:
    _refuse_unknown(values, _AREA, of)
    return Area(_text(values, "camera", of), _text(values, "area", of))


def _queue(values: Description, where: str) -> Queue:
    of = f"a queue of {where}"
    _refuse_unknown(values, _QUEUE, of)
    return Queue(
        _text(values, "name", of, ""),
        _text(values, "camera", of),
        _text(values, "area", of),
        _text(values, "front", of, ""),
        _number(values, "limit_s", of, whole=False),
    )


def _staff(value: object, where: str) -> Staff:
    if value is None:
        return Staff()
    of = f"the staff of {where}"
    values = _table(value, "staff", where)
    _refuse_unknown(values, _STAFF, of)
    areas = tuple(_area(entry, of) for entry in _tables(values, "areas", of))
    return Staff(areas, _number(values, "turn_back_s", of, whole=False) or 0.0)


def _room(values: Description, where: str) -> Room:
    of = f"the room of {where}"
    _refuse_unknown(values, _ROOM, of)
    return Room(_text(values, "camera", of), _text(values, "query", of, ""))


def _holiday(values: Description, where: str) -> SpecialDay:
    of = f"a holiday of {where}"
    _refuse_unknown(values, _HOLIDAY, of)
    day = values.get("day")
    try:
        parsed = day if type(day) is date else date.fromisoformat(str(day))
    except ValueError:
        raise SiteError(
            f"{of} has the day {str(day)[:40]!r}; a date such as 2026-12-25 is wanted"
        ) from None
    hours = tuple(parse_hours(text) for text in _texts(values, "hours", of))
    return SpecialDay(parsed, _text(values, "name", of, ""), hours)


def _reset(values: Description, where: str) -> ResetAt:
    value = values.get("reset")
    if value is None:
        return ResetAt()
    if value == CLOSING:
        return ResetAt(None)
    try:
        return ResetAt(value if isinstance(value, time) else time.fromisoformat(str(value)))
    except ValueError:
        raise SiteError(
            f'"reset" of {where} is {str(value)[:40]!r}; a time such as "04:00", or "closing", is '
            "wanted"
        ) from None


def _zone(values: Description, where: str) -> ZoneInfo:
    try:
        return load_zone(_text(values, "tz", where, "UTC"))
    except TimeRangeError as error:
        raise SiteError(f'"tz" of {where}: {error}') from None


def _refuse_unknown(values: Description, known: set[str], of: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise SiteError(f"{of} has the key {unknown[0][:40]!r}; known: {', '.join(sorted(known))}")


def _text(values: Description, key: str, of: str, default: str | None = None) -> str:
    value = values.get(key, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise SiteError(f'"{key}" of {of} is {value!r:.60}; a text is wanted')
    return value


def _number(values: Description, key: str, of: str, *, whole: bool) -> float | None:
    value = values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        kind = "whole number" if whole else "number"
        raise SiteError(f'"{key}" of {of} is {value!r:.60}; a {kind} is wanted')
    return value


def _texts(values: Description, key: str, of: str) -> list[str]:
    value = values.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SiteError(f'"{key}" of {of} is {value!r:.60}; a list of texts is wanted')
    return value


def _tables(values: Description, key: str, of: str) -> list[Description]:
    value = values.get(key) or []
    if not isinstance(value, list):
        raise SiteError(f'"{key}" of {of} is {value!r:.60}; a list is wanted')
    return [_table(item, key, of) for item in value]


def _table(value: object, key: str, of: str) -> Description:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise SiteError(f'"{key}" of {of} holds {value!r:.60}; a table of keys is wanted')
    return value
