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


class Zone(TypedDict):
    """A line or polygon."""

    name: str
    kind: str
    points: list[list[float]]
    anchor: str


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


class LiveEvent(TypedDict):
    """Something that happened at a camera: `count`, `gap` or `state`."""

    id: str
    event: str
    data: dict[str, object]
