"""Make datasets in memory and detections over them for the tests of evaluation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ovd.datasets.coco import CocoBox, CocoDataset, CocoImage
from ovd.domain.detections import Detections
from ovd.evaluation.detection import DetectionRun
from tests.builders import make_detections

Box = tuple[float, float, float, float]
Named = tuple[str, Box]


def make_box(
    name: str, xyxy: Box, is_crowd: bool = False, attributes: Mapping[str, str] | None = None
) -> CocoBox:
    return CocoBox(1, xyxy, name, is_crowd, attributes or {})


def make_dataset(
    *images: Sequence[CocoBox],
    names: Sequence[str] = ("person", "car"),
    exhaustive: Sequence[str] | None = None,
    except_small: Sequence[str] = (),
    hypernyms: Mapping[str, tuple[str, ...]] | None = None,
    source: str = "gate",
) -> CocoDataset:
    return CocoDataset(
        path=Path("set.json"),
        sha256="0" * 64,
        source=source,
        images=tuple(
            CocoImage(index, f"{index}.png", Path(f"{index}.png"), (300, 300), tuple(boxes))
            for index, boxes in enumerate(images)
        ),
        categories=dict(enumerate(names)),
        hypernyms=hypernyms or {},
        exhaustive=frozenset(names if exhaustive is None else exhaustive),
        exhaustive_except_small=frozenset(except_small),
        is_evaluation_only=False,
    )


def make_found(*found: Named, score: Sequence[float] | None = None) -> Detections:
    """Detections of the named boxes, scores falling from .9 where none are given."""
    labels = tuple(dict.fromkeys(name for name, _ in found))
    falling = [0.9 - 0.1 * index for index in range(len(found))]
    return make_detections(
        *(box for _, box in found),
        labels=labels,
        label_id=[labels.index(name) for name, _ in found],
        score=falling if score is None else score,
    )


def make_run(
    dataset: CocoDataset, *detections: Detections, names: Sequence[str] | None = None
) -> DetectionRun:
    return DetectionRun(
        dataset, tuple(names or dataset.names), (), tuple(detections), ms_per_image=1.0
    )
