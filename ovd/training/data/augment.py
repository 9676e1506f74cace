"""Geometric augmentation that keeps labels correct: scaling, cropping, flipping, mosaics.

Every geometric operation is a `Placement`: a part of an image resized onto a part of the canvas.
Boxes follow it; one of which too little remains visible becomes `ignore`, neither object nor
background.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.training.data.examples import Boxes, Example, join_boxes

MIN_VISIBLE = 0.3
MIN_VISIBLE_FOR_ATTRIBUTES = 0.65
MIN_SIDE_PX = 4.0
MIN_SCORED_AREA_PX = 1.0
WHOLE = 0.8
SHRINK_ANTIALIASED_BELOW = 0.7
SMALL_SIDE_PX = 32.0


@dataclass(frozen=True)
class Placement:
    """Map a part of an image onto a part of the canvas.

    Attributes:
        part_xyxy: Whole pixels of the image.
        onto_xyxy: Whole pixels of the canvas.
    """

    part_xyxy: tuple[int, int, int, int]
    onto_xyxy: tuple[int, int, int, int]

    @property
    def part_area(self) -> int:
        """Return the area of the visible part in pixels of the image."""
        x0, y0, x1, y1 = self.part_xyxy
        return (x1 - x0) * (y1 - y0)

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Return the scale factors (x, y) in canvas pixels per image pixel."""
        (a0, b0, a1, b1), (c0, d0, c1, d1) = self.part_xyxy, self.onto_xyxy
        return (c1 - c0) / (a1 - a0), (d1 - d0) / (b1 - b0)


@dataclass(frozen=True)
class AugmentConfig:
    """Configure the strength of augmentation; probabilities are per example.

    Attributes:
        min_scale: Smallest scale of an image, relative to one that fits the canvas.
        mosaic_min_scale: The same for each image of a mosaic, relative to its part of the canvas.
        max_scale: Largest scale.
        fill: Where between the scale that shows the whole image and the one that fills the canvas
            the reference lies: near the former at 0, near the latter at 1; always the former
            at -0.5, the latter at 1.5.
        max_stretch: Largest change of the aspect ratio, as a factor.
        flip: Probability of a mirror image.
        mosaic: Probability of four images on one canvas.
        small_object: Probability of zooming in on a small object.
        color_jitter: Probability of other exposure, contrast, saturation, white balance.
        blur: Probability of defocus or motion blur.
        noise: Probability of sensor noise.
        night: Probability of a dark, noisy image; colours become unknown.
        gray: Probability of an image without colour; colours become unknown.
        compression: Probability of JPEG artefacts.
        low_resolution: Probability of enlargement from a smaller image.
    """

    min_scale: float = 0.6
    mosaic_min_scale: float = 0.9
    max_scale: float = 1.9
    fill: float = 0.5
    max_stretch: float = 1.25
    flip: float = 0.5
    mosaic: float = 0.35
    small_object: float = 0.15
    color_jitter: float = 0.8
    blur: float = 0.15
    noise: float = 0.15
    night: float = 0.06
    gray: float = 0.04
    compression: float = 0.15
    low_resolution: float = 0.12


NO_AUGMENTATION = AugmentConfig(
    min_scale=1.0, mosaic_min_scale=1.0, max_scale=1.0, fill=-0.5, max_stretch=1.0, flip=0,
    mosaic=0, small_object=0, color_jitter=0, blur=0, noise=0, night=0, gray=0, compression=0,
    low_resolution=0,
)  # fmt: skip


def place_boxes(boxes: Boxes, placement: Placement) -> Boxes:
    """Transform boxes with their image, clip them to the part, drop those outside.

    A box of which less than 30 % is left, or whose shorter side is under 4 px, becomes `ignore`.
    Attributes of a box that lost more than a third are removed: the red part may be outside.
    """
    x0, y0, x1, y1 = placement.part_xyxy
    clipped = np.clip(boxes.xyxy, (x0, y0, x0, y0), (x1, y1, x1, y1)).astype(np.float32)
    size = clipped[:, 2:] - clipped[:, :2]
    visible = size.prod(axis=1) / np.maximum(
        (boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]).prod(axis=1), 1e-6
    )
    scale = np.array(placement.scale_xy * 2, dtype=np.float32)
    offset = np.array(placement.onto_xyxy[:2] * 2, dtype=np.float32)
    moved = (clipped - np.array([x0, y0, x0, y0], dtype=np.float32)) * scale + offset
    side = (size * scale[:2]).min(axis=1, initial=np.inf)
    placed = Boxes(
        moved.astype(np.float32),
        boxes.names,
        tuple(
            table if part >= MIN_VISIBLE_FOR_ATTRIBUTES else {}
            for table, part in zip(boxes.attributes, visible, strict=True)
        ),
        boxes.soft_score,
        boxes.ignore | (visible < MIN_VISIBLE) | (side < MIN_SIDE_PX),
    )
    area = (size * scale[:2]).prod(axis=1)
    return placed.take(np.flatnonzero(area >= MIN_SCORED_AREA_PX))


def place_pixels(canvas: NDArray[np.uint8], image: NDArray[np.uint8], placement: Placement) -> None:
    """Resize a part of an image onto the canvas, without aliasing when it shrinks."""
    x0, y0, x1, y1 = placement.part_xyxy
    left, top, right, bottom = placement.onto_xyxy
    shrinks = min(placement.scale_xy) < SHRINK_ANTIALIASED_BELOW
    canvas[top:bottom, left:right] = cv2.resize(
        image[y0:y1, x0:x1],
        (right - left, bottom - top),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )


def jittered_placement(
    example: Example,
    region_xyxy: tuple[int, int, int, int],
    config: AugmentConfig,
    rng: np.random.Generator,
) -> Placement:
    """Return a large-scale jitter: the image at a random size on a region of the canvas.

    A larger image is cropped around one of its objects, three times in four, else anywhere; a
    smaller one lies anywhere in the region. With `small_object` the size is such that a small
    object of the image becomes 40 to 80 px large.
    """
    left, top, right, bottom = region_xyxy
    room = np.array([right - left, bottom - top], dtype=np.float64)
    size = np.array(example.size_hw[::-1], dtype=np.float64)
    whole, filled = np.log(room / size).min(), np.log(room / size).max()
    suited = whole + (filled - whole) * np.clip(rng.uniform(-0.5, 0.5) + config.fill, 0, 1)
    scale = np.exp(suited + rng.uniform(np.log(config.min_scale), np.log(config.max_scale)))
    focus = _any_focus(example.boxes, size, rng)
    small = _small_object(example.boxes, rng) if rng.random() < config.small_object else None
    if small is not None:
        focus = small.reshape(2, 2).mean(axis=0)
        scale = float(np.clip(rng.uniform(40, 80) / (small[2:] - small[:2]).max(), scale, 4.0))
    stretch = np.exp(rng.uniform(-0.5, 0.5) * np.log(config.max_stretch))
    scale_xy = scale * np.array([stretch, 1 / stretch])
    part = np.clip(np.round(room / scale_xy), 1, size)
    start = np.round(focus - part * rng.uniform(0.2, 0.8, 2))
    start = np.clip(start, 0, size - part)
    onto = np.clip(np.round(part * scale_xy), 1, room)
    shift = np.floor(rng.uniform(0, 1, 2) * (room - onto + 1)).clip(0, room - onto)
    x0, y0, x1, y1 = (int(value) for value in (*start, *(start + part)))
    c0, d0 = left + int(shift[0]), top + int(shift[1])
    return Placement((x0, y0, x1, y1), (c0, d0, c0 + int(onto[0]), d0 + int(onto[1])))


def _any_focus(
    boxes: Boxes, size: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    objects = boxes.xyxy[~boxes.ignore]
    if len(objects) == 0 or rng.random() < 0.25:
        return rng.uniform(0, 1, 2) * size
    chosen = objects[rng.integers(len(objects))]
    return np.array([chosen[[0, 2]].mean(), chosen[[1, 3]].mean()], dtype=np.float64)


def _small_object(boxes: Boxes, rng: np.random.Generator) -> NDArray[np.float32] | None:
    side = (boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]).max(axis=1, initial=0)
    small = np.flatnonzero((side < SMALL_SIDE_PX) & ~boxes.ignore)
    return boxes.xyxy[rng.choice(small)] if len(small) else None


def compose(
    examples: Sequence[Example], size_hw: tuple[int, int], config: AugmentConfig,
    rng: np.random.Generator,
) -> Example:  # fmt: skip
    """Put one example on a canvas, or four as a mosaic.

    The exhaustive names of a mosaic are those that all four share. Callers choose the four from
    sources with the same exhaustive names, so that none is lost.

    Args:
        examples: One, or four.
        size_hw: Height and width of the canvas.
        config: How strongly to jitter.
        rng: Source of randomness.
    """
    height, width = size_hw
    if len(examples) > 1:
        config = replace(config, min_scale=config.mosaic_min_scale)
    canvas = np.full((height, width, 3), rng.integers(90, 140), dtype=np.uint8)
    parts, shown = [], 0.0
    for example, region in zip(examples, _regions(len(examples), size_hw, rng), strict=True):
        placement = jittered_placement(example, region, config, rng)
        place_pixels(canvas, example.image, placement)
        shown = placement.part_area / (example.size_hw[0] * example.size_hw[1])
        parts.append(place_boxes(example.boxes, placement))
    return Example(
        canvas,
        join_boxes(parts),
        "+".join(dict.fromkeys(example.source for example in examples)),
        examples[0].file_name,
        frozenset.intersection(*(example.exhaustive for example in examples)),
        frozenset.intersection(
            *(example.exhaustive | example.exhaustive_except_small for example in examples)
        )
        - frozenset.intersection(*(example.exhaustive for example in examples)),
        frozenset.intersection(*(example.absent_soft for example in examples)),
        is_whole=len(examples) == 1 and shown >= WHOLE,
    )


def _regions(
    count: int, size_hw: tuple[int, int], rng: np.random.Generator
) -> list[tuple[int, int, int, int]]:
    height, width = size_hw
    if count == 1:
        return [(0, 0, width, height)]
    x, y = int(width * rng.uniform(0.35, 0.65)), int(height * rng.uniform(0.35, 0.65))
    return [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]


def flip(example: Example) -> Example:
    """Flip an example horizontally."""
    width = example.size_hw[1]
    xyxy = example.boxes.xyxy.copy()
    xyxy[:, [0, 2]] = width - xyxy[:, [2, 0]]
    return replace(
        example,
        image=np.asarray(cv2.flip(example.image, 1), dtype=np.uint8),
        boxes=replace(example.boxes, xyxy=xyxy),
    )
