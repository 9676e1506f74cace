"""Which labelled object belongs to which labelled person, where boxes leave no doubt.

COCO-format labels do not say who wears or carries an object. Where it lies as such an object does
on exactly one person, that person is its owner; where several come into question it teaches
nothing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.coco import CocoImage
from ovd.detection.relation_model import FEATURES, pair_features

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "head": ("safety helmet", "face mask", "bare head", "bare face"),
    "body": ("safety vest", "torso without safety vest", "tie"),
    "carried": ("backpack", "handbag", "suitcase", "bottle", "cell phone", "cup"),
    "umbrella": ("umbrella",),
    "ridden": ("bicycle", "motorcycle", "horse"),
    "board": ("skateboard", "surfboard", "snowboard", "skis"),
}
# What is worn, and what shows that it is not.
CONTRARY: Mapping[str, tuple[str, str]] = {
    "head": ("safety helmet", "bare head"),
    "body": ("safety vest", "torso without safety vest"),
}
PERSON = "person"
_CLEARLY_NEARER = 0.6


def boxes_of(image: CocoImage, names: Sequence[str]) -> NDArray[np.float32]:
    """Return `(N, 4)` corners of the boxes with these names; crowds are left out."""
    boxes = [box.xyxy for box in image.boxes if box.name in names and not box.is_crowd]
    return np.array(boxes, dtype=np.float32).reshape(-1, 4)


def owners(
    family: str, persons: NDArray[np.float32], objects: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Return `(M,)` the person of each object; -1 for none, -2 where several may be it."""
    owner = np.full(len(objects), -1, dtype=np.int64)
    if not len(persons):
        return owner
    features = pair_features(persons, objects, np.full(len(objects), 0.5, dtype=np.float32))
    values = {name: features[..., at] for at, name in enumerate(FEATURES)}
    may = _possible(family, values)
    distance = np.hypot(values["dx"], values["dy"] - (-0.4 if family == "head" else 0.0))
    for index in range(len(objects)):
        candidates = np.flatnonzero(may[:, index])
        if not len(candidates):
            continue
        near = candidates[np.argsort(distance[candidates, index], kind="stable")]
        clear = len(near) == 1 or (
            distance[near[0], index] < _CLEARLY_NEARER * distance[near[1], index]
        )
        owner[index] = near[0] if clear else -2
    return owner


def _possible(family: str, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    dx, dy, inside, below = (values[name] for name in ("dx", "dy", "inside", "below"))
    height, width = np.exp(values["height"]), np.exp(values["width"])
    if family == "head":
        found = (dx < 0.5) & (dy < -0.05) & (dy > -0.6) & (height < 0.7) & (inside > 0.5)
    elif family == "body":
        found = (dx < 0.4) & (np.abs(dy) < 0.35) & (inside > 0.6) & (height > 0.1)
    elif family == "umbrella":
        found = (dx < 1.2) & (dy < 0.2) & (dy > -1.0) & (values["below"] < -0.1) & (width > 0.4)
    elif family == "ridden":
        found = (dx < 0.8) & (below > 0.04) & (dy > 0.1) & (dy < 1.0) & (width > 0.5)
    elif family == "board":
        found = (dx < 0.8) & (dy > 0.1) & (dy < 0.8) & (height < 0.6) & (below > -0.2)
    else:
        found = (dx < 0.9) & (np.abs(dy) < 0.6) & (height < 1.0) & ((inside > 0.1) | (dx < 0.7))
    result: NDArray[np.bool_] = found
    return result
