"""Read and merge pseudo labels: a teacher's boxes for names that a source does not label."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ovd.domain.boxes import clip_xyxy, pairwise_iou
from ovd.errors import DatasetError
from ovd.training.data.examples import Boxes, join_boxes
from ovd.training.teacher.agreement import contradicted
from ovd.training.text.phrasebook import COVERED_WEIGHT, Phrasebook

SAME_OBJECT_IOU = 0.5


@dataclass(frozen=True, eq=False)
class PseudoLabels:
    """A teacher's detections in one image.

    Attributes:
        boxes: In pixels of the stored image; `soft_score` is the teacher's score.
        absent: Names it believes absent.
    """

    boxes: Boxes
    absent: frozenset[str] = frozenset()


def load_pseudo_labels(path: Path) -> dict[str, PseudoLabels]:
    """Read `{file_name: {"boxes": [[x0, y0, x1, y1, name, score], ...], "absent": [names]}}`.

    Raises:
        DatasetError: If the file cannot be read or a record is wrong.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError(f"cannot read pseudo labels {path}: {error}") from error
    if not isinstance(document, dict):
        raise DatasetError(f"pseudo labels {path} must be an object of file names")
    return {name: _parse(record, f"{path}: {name}") for name, record in document.items()}


def _parse(record: object, at: str) -> PseudoLabels:
    if not isinstance(record, dict):
        raise DatasetError(f"{at} must be an object, got {record!r:.80}")
    try:
        rows = record.get("boxes", [])
        xyxy = np.array([row[:4] for row in rows], dtype=np.float32).reshape(-1, 4)
        score = np.array([row[5] for row in rows], dtype=np.float32)
        names = tuple(str(row[4]) for row in rows)
        absent = frozenset(str(name) for name in record.get("absent", []))
    except (TypeError, ValueError, IndexError) as error:
        raise DatasetError(
            f"{at} must hold boxes [x0, y0, x1, y1, name, score] and absent [names], "
            f"got {record!r:.80}"
        ) from error
    if not np.isfinite(xyxy).all() or (xyxy[:, 2:] <= xyxy[:, :2]).any():
        raise DatasetError(f"{at} has a box without an area")
    if not ((score >= 0) & (score <= 1)).all():
        raise DatasetError(f"{at} has a score outside [0, 1]")
    unknown: tuple[Mapping[str, str], ...] = ({},) * len(names)
    return PseudoLabels(
        Boxes(xyxy, names, unknown, score, np.zeros(len(names), dtype=np.bool_)), absent
    )


def merge_pseudo_labels(
    boxes: Boxes,
    pseudo: PseudoLabels,
    book: Phrasebook,
    known: frozenset[str],
    size_hw: tuple[int, int],
) -> tuple[Boxes, frozenset[str]]:
    """Add the pseudo labels that do not conflict with the labels.

    Args:
        boxes: The labels, in pixels of an image of `size_hw`.
        pseudo: The teacher's boxes, in the same pixels.
        book: Says which names are related.
        known: Names that the source boxes exhaustively, small ones excepted or not.
        size_hw: Height and width in pixels.

    Returns:
        All boxes, and the names that the teacher believes absent and no box shows.
    """
    clipped = clip_xyxy(pseudo.boxes.xyxy, size_hw)
    iou = pairwise_iou(clipped, boxes.xyxy)
    is_wrong = contradicted(iou, pseudo.boxes.names, boxes.names, known)
    keep = [
        i
        for i, name in enumerate(pseudo.boxes.names)
        if (clipped[i, 2:] > clipped[i, :2]).all()
        and not is_wrong[i]
        and not _is_settled(name, book, known)
        and not any(
            iou[i, j] >= SAME_OBJECT_IOU and book.are_related(name, label)
            for j, label in enumerate(boxes.names)
        )
    ]
    added = Boxes(
        clipped, pseudo.boxes.names, pseudo.boxes.attributes, pseudo.boxes.soft_score,
        pseudo.boxes.ignore,
    ).take(np.array(keep, dtype=np.intp))  # fmt: skip
    merged = join_boxes([boxes, added])
    return merged, pseudo.absent - known - set(boxes.names)


def _is_settled(name: str, book: Phrasebook, known: frozenset[str]) -> bool:
    return book.absence(name, known) >= COVERED_WEIGHT or any(
        wider in known for wider in book.wider(name)
    )
