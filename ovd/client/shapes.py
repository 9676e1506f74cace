"""Shapes of answers, as `/openapi.json` describes them."""

from typing import Literal, TypedDict


class CameraQuery(TypedDict):
    """A query that a camera is asked."""

    text: str
    min_score: float | None


class Camera(TypedDict):
    """A camera."""

    name: str
    uri: str
    queries: list[CameraQuery]
    fps: float | None
    enabled: bool
    state: Literal["counting", "waiting", "stopped", "failed", "done"]
    detail: str
    complete: bool
    continues: bool


class Zone(TypedDict):
    """A line or polygon."""

    name: str
    kind: str
    points: list[list[float]]
    anchor: str


class Mask(TypedDict):
    """An area in which nothing is counted, or nothing shown."""

    name: str
    kind: str
    points: list[list[float]]
    anchor: str
    query: str


class Reading(TypedDict):
    """The reading of a query."""

    query: str
    read_as: str
    supported: bool
    note: str
    min_score: float


class SavedQuery(TypedDict):
    """A query on the saved list."""

    id: str
    text: str


class Detection(TypedDict):
    """An object that was found."""

    label: str
    score: float
    box: dict[str, float]


class Detected(TypedDict):
    """Objects found in an image."""

    image: str
    width: int
    height: int
    detector: str
    detections: list[Detection]
    queries: list[Reading]


# `in` is a word of Python, hence the other form.
CountRow = TypedDict(
    "CountRow",
    {
        "camera": str,
        "query": str,
        "bucket_start": str,
        "bucket_end": str,
        "observed_s": float,
        "samples": int,
        "mean_count": float | None,
        "max_count": int | None,
        "unique": int | None,
        "in": int | None,
        "out": int | None,
        "coverage": float,
        "mean_pending": float | None,
        "mean_unknown": float | None,
    },
)


class Run(TypedDict):
    """One interval of counting one camera."""

    id: int
    camera: str
    detector: str
    started_at: str
    ended_at: str | None
    status: str
    error: str


class Job(TypedDict):
    """Long work: queued, running, done, failed or cancelled."""

    id: str
    kind: str
    state: str
    progress: float
    created_at: str
    ended_at: str | None
    error: str


class Upload(TypedDict):
    """A file that was sent."""

    id: str
    uri: str
    width: int
    height: int
    fps: float
    length_s: float | None
    bytes: int


class CameraHealth(TypedDict):
    """The health of a camera."""

    name: str
    state: str
    frame_age_s: float | None
    frames_per_s: float
    in_gap: bool
    detail: str


class Health(TypedDict):
    """The health of the server."""

    status: Literal["ok", "degraded", "down"]
    version: str
    cameras: list[CameraHealth]
    store: dict[str, object]


class RuleState(TypedDict):
    """The state of an alert rule at one camera; `camera` is None for the machine."""

    camera: str | None
    state: Literal["ok", "pending", "firing", "unknown"]
    since: str | None
    count: int | float | None
    alert: str | None


class Target(TypedDict):
    """A target of alerts, without its secrets."""

    name: str
    url: str
    has_secret: bool
    fixed: bool
    language: str
    per_minute: int | None
    quiet_hours: list[str]
    tz: str
    digest_s: float
    problem: str


class Delivery(TypedDict):
    """A message on its way to a target."""

    id: int
    target: str
    status: str
    attempts: int
    error: str
    queued_at: str
    next_attempt_at: str | None
    sent_at: str | None
    message: dict[str, object]


class Schedule(TypedDict):
    """A report that is made repeatedly."""

    name: str
    every: str
    at: str
    tz: str
    weekday: str | None
    format: str
    bucket: str
    cameras: list[str]
    queries: list[str]
    to: list[str]
    targets: list[str]
    language: str
    title: str
    compare: str | None
    fixed: bool
    enabled: bool
    last: dict[str, str] | None
    next_at: str | None
    problem: str


class AlertRule(TypedDict):
    """An alert rule, and how it stands."""

    name: str
    cameras: list[str]
    query: str
    zone: str
    when: str
    count: int | None
    direction: str
    within_s: float | None
    for_s: float
    clear: dict[str, float | None]
    cooldown_s: float
    schedule: list[str]
    tz: str
    severity: str
    to: list[str]
    enabled: bool
    snoozed_until: str | None
    states: list[RuleState]


class AlertMessage(TypedDict):
    """A message about an alert; `at` is when it was made."""

    id: str
    type: Literal["new", "update", "end"]
    rule: str
    severity: str
    camera: str | None
    zone: str | None
    query: str | None
    count: int | float | None
    threshold: int | float | None
    started_at: str
    ended_at: str | None
    observed: bool
    image_url: str | None
    link: str | None
    at: str


class LiveEvent(TypedDict):
    """Something that happened at a camera: `count`, `gap`, `state` or `alert`."""

    id: str
    event: str
    data: dict[str, object]
