"""Calls of the API: what is sent, and what the answer means; how it is sent is another matter."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

import httpx

from ovd.client.shapes import (
    AlertRule,
    Camera,
    Detected,
    Health,
    LiveEvent,
    Mask,
    Reading,
    SavedQuery,
    Upload,
    Zone,
)

Answer = TypeVar("Answer")
Given = TypeVar("Given")
PREFIX = "/api/v1"
Params = Mapping[str, str | int | list[str]]


class ApiError(Exception):
    """The server refused a call.

    Attributes:
        status: HTTP status.
        code: Stable code of the error; docs/errors.md lists them.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One request, and how its answer is read.

    Attributes:
        method: HTTP method.
        path: Path below `/api/v1`.
        read: Makes the answer of the response.
        params: Query parameters.
        body: JSON body; None sends none.
        file: Name of a form field and the file that is sent in it.
        files: The same of several files.
        form: Other fields of the form.
        headers: Headers of this request only.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], Answer]
    params: Params = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    file: tuple[str, Path] | None = None
    files: Sequence[tuple[str, Path]] = ()
    form: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def options(self, opened: ExitStack) -> dict[str, Any]:
        """Return what httpx is given.

        Args:
            opened: Closes the files after the call.
        """
        options: dict[str, Any] = {"params": dict(self.params)}
        if self.body is not None:
            options["json"] = dict(self.body)
        if self.form:
            options["data"] = dict(self.form)
        files = [*self.files, *([] if self.file is None else [self.file])]
        if files:
            options["files"] = [
                (name, (path.name, opened.enter_context(path.open("rb")))) for name, path in files
            ]
        return options


def strip_underscores(given: Mapping[str, Given]) -> dict[str, Given]:
    """Return values by the names that the API knows: `from_` is no keyword of Python."""
    return {key.rstrip("_"): value for key, value in given.items()}


def raise_for_error(response: httpx.Response) -> None:
    """Raise what the server tells of an error.

    Raises:
        ApiError: If the status is 400 or above.
    """
    if response.status_code < 400:
        return
    try:
        error = response.json()["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "http", f"the server answered with status {response.status_code}"
    raise ApiError(response.status_code, code, message)


def _json(response: httpx.Response) -> Any:
    return response.json()


def _items(response: httpx.Response) -> Any:
    return response.json()["items"]


def _none(_: httpx.Response) -> None:
    return None


def _named(name: str) -> str:
    return f"/cameras/{quote(name, safe='')}"


def health() -> Call[Health]:
    """Health of cameras and database."""
    return Call("GET", "/health", _json)


def cameras() -> Call[list[Camera]]:
    """All cameras."""
    return Call("GET", "/cameras", _items)


def camera(name: str) -> Call[Camera]:
    """One camera."""
    return Call("GET", _named(name), _json)


def add_camera(name: str, uri: str, queries: list[str], **options: object) -> Call[Camera]:
    """A new camera; options: fps, enabled, start_at."""
    body = {"name": name, "uri": uri, "queries": queries} | options
    return Call("POST", "/cameras", _json, body=body)


def change_camera(name: str, **changes: object) -> Call[Camera]:
    """Changes: uri, queries, fps, enabled."""
    return Call("PATCH", _named(name), _json, body=changes)


def remove_camera(name: str) -> Call[None]:
    """Removal of a camera."""
    return Call("DELETE", _named(name), _none)


def switch_camera(name: str, on: bool) -> Call[Camera]:
    """Start or stop of a camera."""
    return Call("POST", f"{_named(name)}/{'start' if on else 'stop'}", _json)


def zones(name: str) -> Call[list[Zone]]:
    """Zones of a camera."""
    return Call("GET", f"{_named(name)}/zones", _items)


def replace_zones(name: str, items: list[Zone]) -> Call[list[Zone]]:
    """New zones of a camera."""
    return Call("PUT", f"{_named(name)}/zones", _items, body={"items": items})


def masks(name: str) -> Call[list[Mask]]:
    """Masks of a camera."""
    return Call("GET", f"{_named(name)}/masks", _items)


def replace_masks(name: str, items: list[Mask]) -> Call[list[Mask]]:
    """New masks of a camera."""
    return Call("PUT", f"{_named(name)}/masks", _items, body={"items": items})


def frame(name: str) -> Call[bytes]:
    """The newest counted frame as JPEG."""
    return Call("GET", f"{_named(name)}/frame.jpg", lambda response: response.content)


def queries() -> Call[list[SavedQuery]]:
    """The saved queries."""
    return Call("GET", "/queries", _items)


def add_query(text: str) -> Call[SavedQuery]:
    """A new saved query."""
    return Call("POST", "/queries", _json, body={"text": text})


def remove_query(query_id: str) -> Call[None]:
    """Removal of a saved query."""
    return Call("DELETE", f"/queries/{quote(query_id, safe='')}", _none)


def read_query(text: str) -> Call[list[Reading]]:
    """The reading of a text."""
    return Call(
        "POST",
        "/queries/read",
        lambda response: cast(list[Reading], response.json()["queries"]),
        body={"text": text},
    )


def detect(image: Path, texts: list[str], min_score: float | None = None) -> Call[Detected]:
    """Objects in an image."""
    form: dict[str, str | list[str]] = {"query": texts}
    if min_score is not None:
        form["min_score"] = str(min_score)
    return Call("POST", "/detect", _json, file=("image", image), form=form)


def upload(clip: Path) -> Call[Upload]:
    """A clip to be counted."""
    return Call("POST", "/uploads", _json, file=("file", clip))


def runs(params: Params) -> Call[dict[str, Any]]:
    """A page of runs."""
    return Call("GET", "/runs", _json, params=params)


def counts(params: Params) -> Call[dict[str, Any]]:
    """A page of counts."""
    return Call("GET", "/counts", _json, params=params)


def report(options: Mapping[str, object]) -> Call[bytes]:
    """A report as a file."""
    return Call("POST", "/reports", lambda response: response.content, body=options)


def _rule(name: str) -> str:
    return f"/alerts/{quote(name, safe='')}"


def alerts() -> Call[list[AlertRule]]:
    """All alert rules."""
    return Call("GET", "/alerts", _items, params={"limit": 1000})


def add_alert(rule: Mapping[str, object]) -> Call[AlertRule]:
    """A new alert rule."""
    return Call("POST", "/alerts", _json, body=rule)


def change_alert(name: str, changes: Mapping[str, object]) -> Call[AlertRule]:
    """Changes of an alert rule."""
    return Call("PATCH", _rule(name), _json, body=changes)


def remove_alert(name: str) -> Call[None]:
    """Removal of an alert rule."""
    return Call("DELETE", _rule(name), _none)


def test_alert(name: str) -> Call[dict[str, Any]]:
    """A test message to the targets of an alert rule."""
    return Call("POST", f"{_rule(name)}/test", _json)


def snooze_alert(name: str, for_s: float) -> Call[AlertRule]:
    """A snooze of an alert rule."""
    return Call("POST", f"{_rule(name)}/snooze", _json, body={"for_s": for_s})


def alert_log(params: Params) -> Call[dict[str, Any]]:
    """A page of messages about alerts."""
    return Call("GET", "/alerts/log", _json, params=params)


def parse_event(lines: list[str]) -> LiveEvent | None:
    """Return the event of the lines between two empty ones; None for a comment."""
    fields = dict(
        line.split(": ", 1) for line in lines if not line.startswith(":") and ": " in line
    )
    if "data" not in fields:
        return None
    return {
        "id": fields.get("id", ""),
        "event": fields.get("event", "message"),
        "data": json.loads(fields["data"]),
    }
