"""Calls about management and records: who may do what, sites, taught names, the server itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx

from ovd.client.calls import Call, Params
from ovd.client.management_shapes import (
    CameraTest,
    Detector,
    Display,
    FoundCamera,
    IssuedToken,
    Occupancy,
    Session,
    Site,
    TaughtName,
    Token,
    User,
)
from ovd.client.shapes import Job, Zone

Body = Mapping[str, object]


def _json(response: httpx.Response) -> Any:
    return response.json()


def _items(response: httpx.Response) -> Any:
    return response.json()["items"]


def _none(_: httpx.Response) -> None:
    return None


def _content(response: httpx.Response) -> bytes:
    return response.content


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _site(name: str) -> str:
    return f"/sites/{_quoted(name)}"


def session() -> Call[Session]:
    """The identity that asks."""
    return Call("GET", "/session", _json)


def gaps(params: Params) -> Call[dict[str, Any]]:
    """A page of intervals that were not observed."""
    return Call("GET", "/gaps", _json, params=params)


def events(params: Params) -> Call[dict[str, Any]]:
    """A page of what happened at zones."""
    return Call("GET", "/events", _json, params=params)


def evidence(params: Params) -> Call[dict[str, Any]]:
    """A page of kept images."""
    return Call("GET", "/evidence", _json, params=params)


def evidence_image(image_id: str) -> Call[bytes]:
    """A kept image."""
    return Call("GET", f"/evidence/{_quoted(image_id)}.jpg", _content)


def preview(queries: list[str], camera: str, file: Path | None) -> Call[dict[str, Any]]:
    """The result of queries on images."""
    return Call(
        "POST",
        "/preview",
        _json,
        file=None if file is None else ("file", file),
        form={"query": queries, "camera": camera},
    )


def query_examples(language: str) -> Call[dict[str, Any]]:
    """Examples of queries."""
    return Call("GET", "/queries/examples", _json, params={"lang": language})


def remove_upload(upload_id: str) -> Call[None]:
    """Removal of an upload."""
    return Call("DELETE", f"/uploads/{_quoted(upload_id)}", _none)


def preview_report(options: Body) -> Call[bytes]:
    """Page one of a report."""
    return Call("POST", "/reports/preview", _content, body=options)


def test_camera(values: Body) -> Call[CameraTest]:
    """The outcome of opening a camera."""
    return Call("POST", "/camera-test", _json, body=values)


def discover_cameras() -> Call[list[FoundCamera]]:
    """Cameras of the local network."""
    return Call("POST", "/camera-discovery", _items)


def camera_templates() -> Call[list[dict[str, str]]]:
    """Addresses of common makers."""
    return Call("GET", "/camera-templates", _items)


def export_cameras() -> Call[bytes]:
    """All cameras as a file."""
    return Call("GET", "/camera-file", _content)


def import_cameras(file: Path) -> Call[dict[str, Any]]:
    """Cameras of a file, to be added."""
    return Call("POST", "/camera-file", _json, file=("file", file))


def try_zones(camera: str, items: list[Zone], seconds: float) -> Call[dict[str, Any]]:
    """A trial of zones."""
    return Call(
        "POST",
        f"/cameras/{_quoted(camera)}/zones/try",
        _json,
        body={"items": items, "seconds": seconds},
    )


def replay_alert(rule: Body) -> Call[dict[str, Any]]:
    """A replay of a rule."""
    return Call("POST", "/alerts/replay", _json, body=rule)


def take_reference(name: str) -> Call[list[str]]:
    """A new reference view."""
    return Call(
        "POST",
        f"/alerts/{_quoted(name)}/reference",
        lambda response: cast(list[str], response.json()["cameras"]),
    )


def alert_image(alert_id: str) -> Call[bytes]:
    """The image of an alert."""
    return Call("GET", f"/alerts/images/{_quoted(alert_id)}.jpg", _content)


def schedule_report(name: str) -> Call[bytes]:
    """The last report of a schedule."""
    return Call("GET", f"/schedules/{_quoted(name)}/report", _content)


def taught() -> Call[list[TaughtName]]:
    """All taught names."""
    return Call("GET", "/taught", _items)


def taught_name(name: str) -> Call[TaughtName]:
    """One taught name."""
    return Call("GET", f"/taught/{_quoted(name)}", _json)


def teach(
    name: str, images: list[Path], boxes: list[dict[str, Any]], options: Mapping[str, bool]
) -> Call[TaughtName]:
    """A name taught by boxes."""
    return Call(
        "POST",
        "/taught",
        _json,
        files=[("image", image) for image in images],
        form={"name": name, "boxes": json.dumps(boxes)}
        | {key: str(value).lower() for key, value in options.items()},
    )


def look_alikes(name: str, images: list[Path]) -> Call[list[dict[str, Any]]]:
    """Objects that look like a taught name."""
    return Call(
        "POST",
        f"/taught/{_quoted(name)}/lookalikes",
        _items,
        files=[("image", image) for image in images],
    )


def remove_taught(name: str) -> Call[None]:
    """Removal of a taught name."""
    return Call("DELETE", f"/taught/{_quoted(name)}", _none)


def sites() -> Call[list[Site]]:
    """All sites."""
    return Call("GET", "/sites", _items)


def site(name: str) -> Call[Site]:
    """One site."""
    return Call("GET", _site(name), _json)


def add_site(values: Body) -> Call[Site]:
    """A new site."""
    return Call("POST", "/sites", _json, body=values)


def replace_site(name: str, values: Body) -> Call[Site]:
    """New values of a site."""
    return Call("PUT", _site(name), _json, body=values)


def remove_site(name: str) -> Call[None]:
    """Removal of a site."""
    return Call("DELETE", _site(name), _none)


def occupancy(name: str) -> Call[Occupancy]:
    """People inside now."""
    return Call("GET", f"{_site(name)}/now", _json)


def occupancy_history(name: str, params: Params) -> Call[list[dict[str, Any]]]:
    """People inside by interval."""
    return Call("GET", f"{_site(name)}/occupancy", _items, params=params)


def reset_site(name: str, people: int) -> Call[dict[str, Any]]:
    """A correction."""
    return Call("POST", f"{_site(name)}/reset", _json, body={"people": people})


def displays(site: str) -> Call[list[Display]]:
    """Screens of a site."""
    return Call("GET", f"{_site(site)}/displays", _items)


def pair_display(site: str, name: str, code: str) -> Call[Display]:
    """A screen to be paired."""
    return Call("POST", f"{_site(site)}/displays", _json, body={"name": name, "code": code})


def remove_display(site: str, name: str) -> Call[None]:
    """Removal of a screen."""
    return Call("DELETE", f"{_site(site)}/displays/{_quoted(name)}", _none)


def detectors() -> Call[list[Detector]]:
    """All detectors."""
    return Call("GET", "/detectors", _items)


def pull_detector(name: str) -> Call[Job]:
    """A download."""
    return Call("POST", f"/detectors/{_quoted(name)}/pull", _json)


def system() -> Call[dict[str, Any]]:
    """The server itself."""
    return Call("GET", "/system", _json)


def backup() -> Call[Job]:
    """A backup."""
    return Call("POST", "/backup", _json)


def erase(selection: Body) -> Call[dict[str, int]]:
    """Counts to be erased."""
    return Call("POST", "/erase", _json, body=selection)


def reload_settings() -> Call[dict[str, list[str]]]:
    """New settings."""
    return Call("POST", "/settings/reload", _json)


def users() -> Call[list[User]]:
    """All users."""
    return Call("GET", "/users", _items)


def add_user(name: str, password: str, values: Body) -> Call[User]:
    """A new user."""
    return Call("POST", "/users", _json, body={"name": name, "password": password} | dict(values))


def change_user(name: str, changes: Body) -> Call[User]:
    """Changes of a user."""
    return Call("PATCH", f"/users/{_quoted(name)}", _json, body=changes)


def remove_user(name: str) -> Call[None]:
    """Removal of a user."""
    return Call("DELETE", f"/users/{_quoted(name)}", _none)


def tokens() -> Call[list[Token]]:
    """All tokens."""
    return Call("GET", "/tokens", _items)


def add_token(name: str, values: Body) -> Call[IssuedToken]:
    """A new token."""
    return Call("POST", "/tokens", _json, body={"name": name} | dict(values))


def revoke_token(name: str) -> Call[None]:
    """The end of a token."""
    return Call("DELETE", f"/tokens/{_quoted(name)}", _none)


def audit(params: Params) -> Call[dict[str, Any]]:
    """A page of the audit log."""
    return Call("GET", "/audit", _json, params=params)


def propose_zones(camera: str) -> Call[list[Zone]]:
    """Lines that are proposed."""
    return Call("GET", f"/cameras/{_quoted(camera)}/zones/proposals", _items)


def compare_sites(params: Params) -> Call[list[dict[str, Any]]]:
    """A period of all sites."""
    return Call("GET", "/site-comparison", _items, params=params)


def site_summary(name: str, params: Params) -> Call[dict[str, Any]]:
    """A period of a site."""
    return Call("GET", f"{_site(name)}/summary", _json, params=params)


def weekly_report(name: str, params: Params) -> Call[bytes]:
    """The report of a week."""
    return Call("GET", f"{_site(name)}/weekly", _content, params=params)


def queues(name: str, params: Params) -> Call[dict[str, Any]]:
    """Queues of a site."""
    return Call("GET", f"{_site(name)}/queues", _json, params=params)


def import_sales(name: str, values: Body) -> Call[dict[str, Any]]:
    """Transactions of a site, to be kept."""
    return Call("POST", f"{_site(name)}/sales", _json, body=values)


def sales(name: str, params: Params) -> Call[dict[str, Any]]:
    """Transactions of a site."""
    return Call("GET", f"{_site(name)}/sales", _json, params=params)


def remove_sales(name: str, params: Params) -> Call[dict[str, Any]]:
    """Removal of transactions."""
    return Call("DELETE", f"{_site(name)}/sales", _json, params=params)


def import_counts(name: str, values: Body) -> Call[dict[str, Any]]:
    """Counts of another counter, to be kept."""
    return Call("POST", f"{_site(name)}/counts", _json, body=values)
