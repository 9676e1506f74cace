"""Turned views: people who lie are found where the image is turned so that they stand.

A network that learned from upright people does not find them lying. Their states are judged by
shape, so they must be found first: a query for lying people looks at every image three times.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector
from ovd.domain.query import Vocabulary

# Quarter turns counterclockwise, as `numpy.rot90` counts them.
_TURNS = (1, 3)
# Height over width, in the image as it is, of what counts as found lying.
_LONGEST = 1.0
_SAME_IOU = 0.4
# Cars and signs look like people now and then when turned, with little confidence.
_LEAST_SCORE = 0.5


def find_lying(
    detector: Detector,
    images: Sequence[Image],
    vocabulary: Vocabulary,
    label_ids: frozenset[int],
    found: Sequence[Detections],
) -> list[Detections]:
    """Return the detections together with what is found lying in turned views.

    Args:
        detector: Looks at the turned views.
        images: `(H, W, 3)` uint8 RGB.
        vocabulary: What it searches.
        label_ids: Labels of which lying objects are wanted.
        found: Its detections in the images as they are.

    Raises:
        OvdError: As the detector does.
    """
    views = [np.ascontiguousarray(np.rot90(image, turns)) for image in images for turns in _TURNS]
    looks = iter(detector.detect(views, vocabulary))
    results = []
    for image, upright in zip(images, found, strict=True):
        size_hw = (image.shape[0], image.shape[1])
        result = upright
        for turns in _TURNS:
            result = _add(result, _turned_back(next(looks), turns, size_hw), label_ids)
        results.append(result)
    return results


def _turned_back(look: Detections, turns: int, size_hw: tuple[int, int]) -> Detections:
    """Return detections of a turned view in pixels of the image as it is."""
    x0, y0, x1, y1 = look.xyxy.T
    height, width = size_hw
    corners = (width - y1, x0, width - y0, x1) if turns == 1 else (y0, height - x1, y1, height - x0)
    xyxy = np.stack(corners, axis=1).astype(np.float32)
    return Detections(xyxy, look.score, look.label_id, look.labels)


def _add(found: Detections, turned: Detections, label_ids: frozenset[int]) -> Detections:
    size = turned.xyxy[:, 2:] - turned.xyxy[:, :2]
    keep: NDArray[np.bool_] = np.isin(turned.label_id, list(label_ids))
    keep &= (size[:, 1] <= _LONGEST * size[:, 0]) & (turned.score >= _LEAST_SCORE)
    same_label = turned.label_id[:, None] == found.label_id
    if len(found):
        overlaps = pairwise_iou(turned.xyxy, found.xyxy) >= _SAME_IOU
        keep &= ~(overlaps & same_label).any(axis=1)
    more = turned.where(keep)
    score = np.concatenate([found.score, more.score])
    order = np.argsort(-score, kind="stable")
    return Detections(
        np.concatenate([found.xyxy, more.xyxy])[order],
        score[order],
        np.concatenate([found.label_id, more.label_id])[order],
        found.labels,
    )
