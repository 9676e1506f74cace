"""Make domain values for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ovd.domain.alerts import AlertMessage, AlertRule, Condition, MessageType, Severity
from ovd.domain.cameras import Camera
from ovd.domain.detections import Detections, Tracks
from ovd.domain.events import FrameResult, QueryCount
from ovd.domain.frame import Frame
from ovd.domain.query import Query, Vocabulary
from ovd.domain.records import Run, RunStatus
from ovd.domain.teaching.regions import RegionVector
from ovd.domain.teaching.taught_names import (
    ExampleKind,
    TaughtExample,
    TaughtName,
    TeachingEstimate,
)

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make_frame(
    index: int = 0,
    time_s: float | None = None,
    size_hw: tuple[int, int] = (48, 64),
    camera: str = "gate",
    fps: float = 10.0,
) -> Frame:
    seconds = index / fps if time_s is None else time_s
    image = np.full((*size_hw, 3), index % 256, dtype=np.uint8)
    return Frame(image, index, seconds, START + timedelta(seconds=seconds), camera)


def make_query(text: str = "person", min_score: float = 0.35) -> Query:
    return Query(text=text, read_as=text, prompts=(text,), min_score=min_score)


def make_unsupported(text: str = "helmet") -> Query:
    return Query(text=text, read_as=text, prompts=(), supported=False, note="not learned")


def make_vocabulary(queries: Sequence[Query], dim: int = 4) -> Vocabulary:
    prompts = tuple(prompt for query in queries for prompt in query.prompts)
    owners = [i for i, query in enumerate(queries) for _ in query.prompts]
    embeds = np.zeros((len(prompts), dim), dtype=np.float32)
    embeds[np.arange(len(prompts)), np.arange(len(prompts)) % dim] = 1.0
    return Vocabulary(
        tuple(queries),
        prompts,
        np.array(owners, dtype=np.int64),
        np.zeros(len(prompts), dtype=np.bool_),
        embeds,
        "fake",
        "fake@000000000000",
    )


def make_detections(
    *boxes: tuple[float, float, float, float],
    labels: tuple[str, ...] = ("person",),
    label_id: Sequence[int] | None = None,
    score: Sequence[float] | None = None,
) -> Detections:
    count = len(boxes)
    return Detections(
        np.array(boxes, dtype=np.float32).reshape(count, 4),
        np.array(score if score is not None else [0.9] * count, dtype=np.float32),
        np.array(label_id if label_id is not None else [0] * count, dtype=np.int64),
        labels,
    )


def make_tracks(
    *boxes: tuple[float, float, float, float],
    ids: Sequence[int] | None = None,
    confirmed: Sequence[bool] | None = None,
    ended: tuple[int, ...] = (),
) -> Tracks:
    count = len(boxes)
    return Tracks(
        make_detections(*boxes),
        np.array(ids if ids is not None else range(1, count + 1), dtype=np.int64),
        np.array(confirmed if confirmed is not None else [True] * count, dtype=np.bool_),
        ended,
    )


def make_run(camera: Camera | None = None, run_id: int = 0) -> Run:
    """A run that goes on, of a detector "fake"."""
    camera = camera or Camera(1, "gate", "gate.mp4", START)
    return Run(run_id, camera, "fake", "", START, None, RunStatus.RUNNING)


def make_result(
    frame: Frame, counts: dict[str, int], observed_s: float = 0.1, score: float = 0.9
) -> FrameResult:
    """A result with the given count per query; boxes stand side by side."""
    ids = [i for i, count in enumerate(counts.values()) for _ in range(count)]
    boxes = [(float(5 * i), 0.0, float(5 * i + 4), 8.0) for i in range(len(ids))]
    return FrameResult(
        frame,
        make_detections(*boxes, labels=tuple(counts), label_id=ids),
        tuple(
            QueryCount(make_query(text), count, score if count else 0.0)
            for text, count in counts.items()
        ),
        observed_s,
    )


def make_example(
    seed: int = 0, kind: ExampleKind = ExampleKind.SHOWN, dim: int = 4, source: str = "a.jpg"
) -> TaughtExample:
    values = np.random.default_rng(seed).normal(size=(5, dim)).astype(np.float16)
    box = (10.0, 10.0, 30.0, 40.0)
    return TaughtExample(
        kind,
        box,
        (48, 64),
        source,
        "0" * 64,
        values[:2],
        np.array([box, box], dtype=np.float32),
        values[2:],
    )


def make_taught(
    name: str = "forklift",
    vectors: Sequence[RegionVector] = (),
    examples: Sequence[TaughtExample] = (),
    detector_id: str = "fake@000000000000",
    camera: str = "",
) -> TaughtName:
    own = tuple(vectors) or (RegionVector(np.array([1, 0, 0, 0], dtype=np.float32), -1.0),)
    estimate = TeachingEstimate(found=4, tried=5, false_images=1, images=500)
    return TaughtName(name, detector_id, own, estimate, tuple(examples), camera)


def make_alert_rule(name: str = "crowd", **values: Any) -> AlertRule:
    """A rule that fires above 5 persons, with some values changed."""
    counted = {"when": Condition.ABOVE, "query": "person", "count": 5}
    return AlertRule(name=name, **(values if "when" in values else counted | values))


def make_alert_message(number: int = 1, **values: Any) -> AlertMessage:
    """A message of the alert "a1": new, updates, and an end where `ended_at` is given."""
    type_ = MessageType.UPDATE if number > 1 else MessageType.NEW
    made: dict[str, Any] = {
        "id": "a1",
        "type": MessageType.END if values.get("ended_at") else type_,
        "number": number,
        "rule": "crowd",
        "when": Condition.ABOVE,
        "severity": Severity.WARNING,
        "camera": "gate",
        "zone": "",
        "query": "person",
        "count": 6,
        "threshold": 5,
        "at": START,
        "started_at": START,
        "ended_at": None,
        "observed": True,
    }
    return AlertMessage(**made | values)
