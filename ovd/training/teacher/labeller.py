"""Write pseudo labels: run a closed-set detector on images that are not labelled exhaustively."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ovd.datasets.coco import CocoDataset, CocoImage
from ovd.domain.boxes import nms
from ovd.domain.frame import Image
from ovd.evaluation.labelled_images import load_labelled_image
from ovd.model.ovssd import OvSsd

TILE_SHARE = 0.6
BORDER_PX = 3.0
BACKGROUND_PX = 127.5


@dataclass(frozen=True)
class LabellerConfig:
    """Configure which of the teacher's predictions are kept.

    Attributes:
        min_score: Least score of a box.
        absent_below: A name whose best score in an image stays below this is believed absent.
        max_iou: Overlap at which the worse of two boxes of one name is dropped.
        tiles: Whether it also looks at four overlapping tiles, in which it sees small objects
            larger, at five times the cost.
    """

    min_score: float = 0.25
    absent_below: float = 0.02
    max_iou: float = 0.5
    tiles: bool = True


@dataclass(frozen=True, eq=False)
class Teacher:
    """A network whose region embeddings are the logits of `names`."""

    network: OvSsd
    names: tuple[str, ...]

    def predict(self, views: Sequence[Image]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return boxes `(V, Q, 4)` in fractions of each RGB view and scores `(V, Q, K)`."""
        side = self.network.config.input_size
        resized = [cv2.resize(v, (side, side), interpolation=cv2.INTER_LINEAR) for v in views]
        pixels = torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2)
        pixels = pixels.float().div_(BACKGROUND_PX).sub_(1.0)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            raw = self.network(pixels.contiguous(memory_format=torch.channels_last))
            return raw.xyxy_norm.float().numpy(), raw.region_embeds.float().sigmoid().numpy()


Row = tuple[float, float, float, float, str, float]


class PseudoRecord(TypedDict):
    """One image of the file; `teacher.pseudo_labels.load_pseudo_labels` reads it."""

    boxes: list[Row]
    absent: list[str]


def find_pseudo_labels(image: Image, teacher: Teacher, config: LabellerConfig) -> PseudoRecord:
    """Detect objects in a `(H, W, 3)` RGB image, as a whole and, if configured, in tiles.

    What touches a tile's inner border may be cut and is dropped.

    Returns:
        A record of the file that `ovd.training.teacher.pseudo_labels` reads.
    """
    windows = list(_windows((image.shape[0], image.shape[1]), config.tiles))
    boxes_norm, scores = teacher.predict([image[y0:y1, x0:x1] for x0, y0, x1, y1 in windows])
    kept_boxes, kept_scores, kept_names = [], [], []
    for window, boxes, score in zip(windows, boxes_norm, scores, strict=True):
        xyxy = _to_image(boxes, window)
        whole = ~_is_cut(xyxy, window, (image.shape[0], image.shape[1]))
        row, name = np.nonzero((score >= config.min_score) & whole[:, None])
        kept_boxes.append(xyxy[row])
        kept_scores.append(score[row, name])
        kept_names.append(name)
    height, width = image.shape[:2]
    xyxy = np.clip(np.concatenate(kept_boxes), 0, np.array([width, height, width, height]))
    score, name = np.concatenate(kept_scores), np.concatenate(kept_names).astype(np.int64)
    rows: list[Row] = []
    for index in nms(xyxy.astype(np.float32), score, name, config.max_iou):
        x0, y0, x1, y1 = (round(float(value), 1) for value in xyxy[index])
        if x1 - x0 >= 1 and y1 - y0 >= 1:
            rows.append((x0, y0, x1, y1, teacher.names[name[index]], round(float(score[index]), 3)))
    absent = np.flatnonzero(scores.max(axis=(0, 1)) < config.absent_below)
    return {"boxes": rows, "absent": [teacher.names[index] for index in absent]}


def write_pseudo_labels(
    datasets: Sequence[CocoDataset], teacher: Teacher, path: Path, config: LabellerConfig
) -> int:
    """Label every image that is not labelled for all of the teacher's names; write one file.

    Returns:
        How many boxes were written.

    Raises:
        ImageError: If an image cannot be decoded.
        DatasetError: If an image has another size than its dataset states.
    """
    document: dict[str, PseudoRecord] = {}
    for image in _open_images(datasets, teacher.names):
        pixels = load_labelled_image(image.path, image.size_hw)
        record = find_pseudo_labels(pixels, teacher, config)
        document[image.file_name] = record
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return sum(len(record["boxes"]) for record in document.values())


def _open_images(datasets: Sequence[CocoDataset], names: tuple[str, ...]) -> Iterator[CocoImage]:
    for dataset in datasets:
        if not dataset.exhaustive.issuperset(names):
            yield from dataset.images


def _windows(size_hw: tuple[int, int], tiles: bool) -> Iterator[tuple[int, int, int, int]]:
    """Yield the whole image and, if asked for, its four corners, as (x0, y0, x1, y1)."""
    height, width = size_hw
    tall, wide = round(height * TILE_SHARE), round(width * TILE_SHARE)
    yield 0, 0, width, height
    corners = ((x0, y0) for y0 in (0, height - tall) for x0 in (0, width - wide))
    for x0, y0 in corners if tiles else ():
        yield x0, y0, x0 + wide, y0 + tall


def _to_image(
    xyxy_norm: NDArray[np.float32], window: tuple[int, int, int, int]
) -> NDArray[np.float32]:
    x0, y0, x1, y1 = window
    scaled = xyxy_norm * np.array([x1 - x0, y1 - y0] * 2, dtype=np.float32)
    moved: NDArray[np.float32] = scaled + np.array([x0, y0] * 2, dtype=np.float32)
    return moved


def _is_cut(
    xyxy: NDArray[np.float32], window: tuple[int, int, int, int], size_hw: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return whether each box touches a border of its window that is no border of the image."""
    height, width = size_hw
    x0, y0, x1, y1 = window
    cut: NDArray[np.bool_] = (
        ((xyxy[:, 0] <= x0 + BORDER_PX) & (x0 > 0))
        | ((xyxy[:, 1] <= y0 + BORDER_PX) & (y0 > 0))
        | ((xyxy[:, 2] >= x1 - BORDER_PX) & (x1 < width))
        | ((xyxy[:, 3] >= y1 - BORDER_PX) & (y1 < height))
    )
    return cut
