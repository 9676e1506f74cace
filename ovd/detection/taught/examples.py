"""Example boxes -> the regions that fit them, after checks that tell bad boxes apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.detection.taught.bank import Whitening, spread_rows
from ovd.domain.boxes import pairwise_iou
from ovd.domain.frame import Image
from ovd.domain.teaching.regions import Regions
from ovd.domain.teaching.taught_names import Box, ExampleKind, TaughtExample
from ovd.errors import ExampleError

MIN_SIDE_PX = 8
# Shares of the image's sides below which the network has no region of its own for an object.
MIN_SIDE_SHARE = 1 / 64
GOOD_IOU = 0.5
POOR_IOU = 0.3
MOST_REGIONS = 20
FEW_REGIONS = 5
OTHER_ROWS = 16
# Boxes of one image that overlap by more show one thing.
SAME_IOU = 0.7


@dataclass(frozen=True, eq=False)
class ExampleImage:
    """An image with boxes that a user drew on it.

    Attributes:
        image: `(H, W, 3)` uint8 RGB.
        boxes: Corners in pixels of the image.
        kind: What the user tells about all of the boxes.
        source: Where the image came from, without credentials.
    """

    image: Image
    boxes: tuple[Box, ...]
    kind: ExampleKind = ExampleKind.SHOWN
    source: str = ""


def check_box(box: Box, image_hw: tuple[int, int]) -> None:
    """Refuse a box from which nothing can be learned.

    Raises:
        ExampleError: If it is outside of the image, empty or too small.
    """
    height, width = image_hw
    x0, y0, x1, y1 = box
    shown = ",".join(f"{value:g}" for value in box)
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise ExampleError(
            f"the box {shown} is not inside the image of {width} x {height} pixels; give "
            "X0,Y0,X1,Y1 with the left top corner first"
        )
    least_w = max(MIN_SIDE_PX, width * MIN_SIDE_SHARE)
    least_h = max(MIN_SIDE_PX, height * MIN_SIDE_SHARE)
    if x1 - x0 < least_w or y1 - y0 < least_h:
        raise ExampleError(
            f"the box {shown} is too small to learn from: at least {least_w:.0f} x "
            f"{least_h:.0f} pixels in an image of {width} x {height}; give one where the object "
            "is larger"
        )


def find_examples(
    shown: ExampleImage, regions: Regions, whitening: Whitening
) -> tuple[TaughtExample, ...]:
    """Return the boxes of one image with the regions that fit them.

    A box that no region fits comes with none.

    Raises:
        ExampleError: If a box is outside of the image, empty or too small.
    """
    for box in shown.boxes:
        check_box(box, regions.image_hw)
    boxes = np.array(shown.boxes, dtype=np.float32).reshape(-1, 4)
    overlap = pairwise_iou(regions.xyxy, boxes)
    apart = np.flatnonzero(overlap.max(axis=1, initial=0.0) < POOR_IOU)
    spread = spread_rows(regions.embeds[apart], whitening, OTHER_ROWS)
    others = regions.embeds[apart[spread]].astype(np.float16)
    checksum = hashlib.sha256(np.ascontiguousarray(shown.image).tobytes()).hexdigest()
    found = []
    for index, box in enumerate(shown.boxes):
        fit = fitting_regions(overlap[:, index])
        found.append(
            TaughtExample(
                shown.kind,
                box,
                regions.image_hw,
                shown.source,
                checksum,
                regions.embeds[fit].astype(np.float16),
                regions.xyxy[fit],
                others,
            )
        )
    return tuple(found)


def fitting_regions(overlap: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the indices of the regions that fit a box, best first.

    Args:
        overlap: `(Q,)` IoU of the regions with the box.
    """
    order = np.argsort(-overlap)[:MOST_REGIONS]
    good = order[overlap[order] >= GOOD_IOU]
    if len(good):
        return good
    return order[:FEW_REGIONS][overlap[order[:FEW_REGIONS]] >= POOR_IOU]


def find_background(
    image: Image, regions: Regions, source: str, whitening: Whitening
) -> TaughtExample:
    """Return an image that does not show the object as one refused example of its own size."""
    rows = spread_rows(regions.embeds, whitening, MOST_REGIONS)
    height, width = regions.image_hw
    return TaughtExample(
        ExampleKind.REFUSED,
        (0.0, 0.0, float(width), float(height)),
        regions.image_hw,
        source,
        hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest(),
        regions.embeds[rows].astype(np.float16),
        regions.xyxy[rows],
        np.zeros((0, regions.embeds.shape[1]), np.float16),
    )


def check_agreement(examples: Sequence[TaughtExample]) -> None:
    """Refuse examples that tell two things about one object.

    Raises:
        ExampleError: If a box is shown and refused, or shown twice.
    """
    for index, example in enumerate(examples):
        for other in examples[:index]:
            if (example.image_sha256, example.source) != (other.image_sha256, other.source):
                continue
            pair = np.array([example.xyxy, other.xyxy], dtype=np.float32)
            if pairwise_iou(pair[:1], pair[1:])[0, 0] <= SAME_IOU:
                continue
            box = ",".join(f"{value:g}" for value in example.xyxy)
            if example.shows_object != other.shows_object:
                raise ExampleError(
                    f"the examples contradict each other: the box {box} of {example.source!r} is "
                    "shown as the object and refused; take one of them away"
                )
            raise ExampleError(
                f"the box {box} of {example.source!r} is given twice; give other objects, best on "
                "other images"
            )


def box_offset(examples: Sequence[TaughtExample]) -> tuple[float, float, float, float]:
    """Return how the boxes of examples lie beside the network's, where they differ alike.

    Fractions of a region's width and height to add to its corners; zeros where that does not
    bring the boxes nearer.
    """
    regions, wanted = [], []
    for example in examples:
        if example.shows_object and len(example.region_xyxy):
            regions.append(example.region_xyxy)
            box = np.array([example.xyxy], np.float32)
            wanted.append(np.repeat(box, len(example.region_xyxy), axis=0))
    if len(regions) < 2:
        return (0.0, 0.0, 0.0, 0.0)
    boxes, targets = np.concatenate(regions), np.concatenate(wanted)
    extent = np.tile(np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-3), 2)
    offset = np.median((targets - boxes) / extent, axis=0)
    before, after = _paired_iou(boxes, targets), _paired_iou(boxes + offset * extent, targets)
    if after.mean() < before.mean() + 0.03:
        return (0.0, 0.0, 0.0, 0.0)
    x0, y0, x1, y1 = offset.tolist()
    return (x0, y0, x1, y1)


def _paired_iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.array([pairwise_iou(x[None], y[None])[0, 0] for x, y in zip(a, b, strict=True)])
