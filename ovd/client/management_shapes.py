"""Shapes of answers about management and records, as `/openapi.json` describes them."""

from typing import Any, TypedDict

Site = dict[str, Any]


class Session(TypedDict):
    """The identity that asks."""

    kind: str
    name: str
    role: str
    cameras: list[str] | None
    csrf_token: str | None


class User(TypedDict):
    """A user."""

    name: str
    role: str
    cameras: list[str] | None
    created_at: str


class Token(TypedDict):
    """An API token, without its secret."""

    name: str
    role: str
    prefix: str
    cameras: list[str] | None
    created_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class IssuedToken(Token):
    """An API token that was just made."""

    token: str


class AuditEntry(TypedDict):
    """A change that was made, or a sign-in."""

    id: int
    at: str
    kind: str
    actor: str
    address: str
    action: str
    target: str
    detail: str


class Gap(TypedDict):
    """An interval that was not observed."""

    camera: str
    started_at: str
    ended_at: str
    reason: str


class ZoneEvent(TypedDict):
    """A crossing, entry or exit at a zone."""

    camera: str
    zone: str
    query: str
    kind: str
    at: str
    track_id: int
    run_id: int
    dwell_s: float | None


class Evidence(TypedDict):
    """A kept image of what was counted."""

    id: str
    camera: str
    query: str
    captured_at: str
    score: float
    run_id: int
    frame_index: int


class CameraTest(TypedDict):
    """The outcome of opening a camera."""

    problem: str
    message: str
    width: int
    height: int
    fps: float
    seconds: float
    image: str


class FoundCamera(TypedDict):
    """A camera that answered in the local network."""

    host: str
    name: str
    hardware: str


class TaughtName(TypedDict):
    """A name taught by example."""

    name: str
    version: int
    camera: str | None
    detector: str
    created_at: str | None
    in_use: bool
    examples: list[dict[str, Any]]
    estimate: dict[str, Any]


class Occupancy(TypedDict):
    """People inside a site; null where it is not known."""

    site: str
    at: str
    people: float | None
    low: float | None
    high: float | None
    counted: int | None
    observed: bool
    capacity: int | None
    entered: int
    left: int
    since: str
    open: bool


class Display(TypedDict):
    """A screen that shows a site."""

    site: str
    name: str
    paired_by: str
    paired_at: str
    last_seen_at: str | None


class Detector(TypedDict):
    """A detector."""

    name: str
    licence: str
    parameters: int
    installed: bool
    embedded: bool
    independent_scores: bool
    bytes: int | None
    in_use: bool
    default_min_score: float
    accepted: bool
    repository: str
