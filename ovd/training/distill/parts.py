"""Divide labelled frames into those that are learned from and those that are checked with."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.training.distill.files import write_text
from ovd.training.distill.frames import KeptFrame
from ovd.training.distill.labelling import FrameLabels
from ovd.training.teacher.labels import Seen

BLOCKS = 10
MIN_SIDE_PX = 3.0


@dataclass(frozen=True)
class Parts:
    """Frames to learn from, and frames held out.

    Attributes:
        learned: Frames to learn from.
        held_out: Frames that nothing is learned from.
    """

    learned: tuple[KeptFrame, ...]
    held_out: tuple[KeptFrame, ...]


def divide(frames: Sequence[KeptFrame], labels: FrameLabels, min_scores: dict[str, float]) -> Parts:
    """Hold out two of ten intervals of the recording, five intervals apart.

    Neighbouring frames are nearly alike, so whole intervals are held out. Of the five choices the
    first is taken in which the rarest name has most objects in both parts.

    Args:
        frames: Frames in the order of their time.
        labels: Labels of them.
        min_scores: Threshold of each name.
    """
    choices = [_hold_out(frames, first) for first in range(BLOCKS // 2)]
    return max(choices, key=lambda parts: _rarest(parts, labels, min_scores))


def _hold_out(frames: Sequence[KeptFrame], first: int) -> Parts:
    block = [number * BLOCKS // len(frames) for number in range(len(frames))]
    chosen = (first, first + BLOCKS // 2)
    return Parts(
        tuple(frame for frame, at in zip(frames, block, strict=True) if at not in chosen),
        tuple(frame for frame, at in zip(frames, block, strict=True) if at in chosen),
    )


def _rarest(parts: Parts, labels: FrameLabels, min_scores: dict[str, float]) -> tuple[int, int]:
    """Return how many names both parts show, and the least count of objects of those."""
    counts = [count_labels(part, labels, min_scores) for part in (parts.learned, parts.held_out)]
    both = [min(count[name] for count in counts) for name in min_scores]
    shown = [count for count in both if count]
    return len(shown), min(shown, default=0)


def count_labels(
    frames: Sequence[KeptFrame], labels: FrameLabels, min_scores: dict[str, float]
) -> Counter[str]:
    """Return how many objects of each name are labelled in frames."""
    return Counter(
        item.name
        for frame in frames
        for item in labels[frame.file_name]
        if item.score >= min_scores.get(item.name, 2.0)
    )


def write_dataset(
    path: Path,
    frames: Sequence[KeptFrame],
    labels: FrameLabels,
    min_scores: dict[str, float],
    images_dir: Path,
) -> CocoDataset:
    """Write labels as a COCO file: doubtful ones as crowds, which are neither right nor wrong.

    Args:
        path: The file.
        frames: Frames of it.
        labels: Labels of them.
        min_scores: Threshold of each name; other names are left out.
        images_dir: Folder of the frames.
    """
    names = tuple(min_scores)
    annotations: list[dict[str, object]] = []
    for image_id, frame in enumerate(frames, start=1):
        for item in labels[frame.file_name]:
            box = _inside(item, frame.size_hw)
            if item.name not in min_scores or box is None:
                continue
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": names.index(item.name) + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(item.score < min_scores[item.name]),
                    "score": item.score,
                }
            )
    document = {
        "info": {"source": path.stem, "exhaustive_categories": list(names)},
        "images": [
            {
                "id": image_id,
                "file_name": frame.file_name,
                "height": frame.size_hw[0],
                "width": frame.size_hw[1],
            }
            for image_id, frame in enumerate(frames, start=1)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, start=1)],
        "annotations": annotations,
    }
    write_text(path, json.dumps(document, ensure_ascii=False))
    return load_dataset(path, images_dir)


def _inside(item: Seen, size_hw: tuple[int, int]) -> list[float] | None:
    """Return a box as (x, y, width, height) inside its frame; None where next to nothing is."""
    height, width = size_hw
    x0, x1 = (min(max(value, 0.0), float(width)) for value in item.xyxy[::2])
    y0, y1 = (min(max(value, 0.0), float(height)) for value in item.xyxy[1::2])
    if min(x1 - x0, y1 - y0) < MIN_SIDE_PX:
        return None
    return [x0, y0, x1 - x0, y1 - y0]
