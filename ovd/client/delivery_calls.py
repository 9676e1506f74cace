"""Calls about targets, messages on their way, and scheduled reports."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from ovd.client.calls import Call, Params
from ovd.client.shapes import Delivery, Schedule, Target


def _json(response: httpx.Response) -> Any:
    return response.json()


def _items(response: httpx.Response) -> Any:
    return response.json()["items"]


def _none(_: httpx.Response) -> None:
    return None


def _target(name: str) -> str:
    return f"/targets/{quote(name, safe='')}"


def _schedule(name: str) -> str:
    return f"/schedules/{quote(name, safe='')}"


def targets() -> Call[list[Target]]:
    """All targets."""
    return Call("GET", "/targets", _items)


def add_target(values: Mapping[str, object]) -> Call[Target]:
    """A new target."""
    return Call("POST", "/targets", _json, body=values)


def remove_target(name: str) -> Call[None]:
    """Removal of a target."""
    return Call("DELETE", _target(name), _none)


def test_target(name: str) -> Call[None]:
    """A test message to a target."""
    return Call("POST", f"{_target(name)}/test", _none)


def deliveries(params: Params) -> Call[list[Delivery]]:
    """Messages on their way."""
    return Call("GET", "/deliveries", _items, params=params)


def resend(ids: list[int] | None, target: str) -> Call[int]:
    """Messages that were given up, to be sent again."""
    return _undelivered("resend", ids, target)


def drop(ids: list[int] | None, target: str) -> Call[int]:
    """Messages that were given up, to be removed."""
    return _undelivered("drop", ids, target)


def _undelivered(act: str, ids: list[int] | None, target: str) -> Call[int]:
    return Call(
        "POST",
        f"/deliveries/{act}",
        lambda response: int(response.json()["messages"]),
        body={"ids": ids, "target": target},
    )


def schedules() -> Call[list[Schedule]]:
    """All schedules."""
    return Call("GET", "/schedules", _items)


def add_schedule(values: Mapping[str, object]) -> Call[Schedule]:
    """A new schedule."""
    return Call("POST", "/schedules", _json, body=values)


def change_schedule(name: str, changes: Mapping[str, object]) -> Call[Schedule]:
    """Changes of a schedule."""
    return Call("PATCH", _schedule(name), _json, body=changes)


def remove_schedule(name: str) -> Call[None]:
    """Removal of a schedule."""
    return Call("DELETE", _schedule(name), _none)


def send_schedule(name: str) -> Call[str]:
    """The last report of a schedule, now; answers with its period."""
    return Call("POST", f"{_schedule(name)}/send", lambda response: str(response.json()["period"]))
