"""Attributes of a person that follow from the boxes inside it."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ovd.training.data.examples import Boxes
from ovd.training.text.phrasebook import ContainmentRule

MIN_CONTAINED = 0.8


def with_contained_attributes(boxes: Boxes, rules: Iterable[ContainmentRule]) -> Boxes:
    """Give each outer box the value of the one kind of inner box that it contains.

    An inner box goes to the smallest outer box that contains at least 80 % of it; an outer box
    with inner boxes of different kinds, or none, keeps the value unknown.
    """
    attributes = [dict(table) for table in boxes.attributes]
    for rule in rules:
        outer = [i for i, name in enumerate(boxes.names) if name == rule.outer]
        contained_values: dict[int, set[str]] = {i: set() for i in outer}
        for value, inner_name in rule.inner.items():
            for i, name in enumerate(boxes.names):
                container = _container(boxes.xyxy, i, outer) if name == inner_name else None
                if container is not None:
                    contained_values[container].add(value)
        for i, values in contained_values.items():
            if len(values) == 1:
                attributes[i][rule.key] = next(iter(values))
    return replace(boxes, attributes=tuple(attributes))


def _container(xyxy: NDArray[np.float32], inner: int, outer: list[int]) -> int | None:
    if not outer:
        return None
    candidates = xyxy[outer]
    top_left = np.maximum(candidates[:, :2], xyxy[inner, :2])
    bottom_right = np.minimum(candidates[:, 2:], xyxy[inner, 2:])
    shared = np.prod(np.clip(bottom_right - top_left, 0, None), axis=1)
    area = np.prod(candidates[:, 2:] - candidates[:, :2], axis=1)
    contained = shared >= MIN_CONTAINED * np.prod(xyxy[inner, 2:] - xyxy[inner, :2])
    if not contained.any():
        return None
    return outer[int(np.argmin(np.where(contained, area, np.inf)))]
