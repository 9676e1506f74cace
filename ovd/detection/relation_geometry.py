"""Relations that are judged by fixed rules on two boxes: inside, on a seat, next to.

They are not learned: no labels say who sits in which car. The numbers are those that a person
would give; docs/lab/relations.md has what they do on images.
"""

import numpy as np
from numpy.typing import NDArray

from ovd.domain.query import RelationKind

# Below these the part of a person that shows what is worn is too small to tell, in frame pixels
# and in the pixels of a view of `_VIEW_PX`, about what a network sees.
SMALLEST_PART_PX = 24.0
_SMALLEST_SEEN_PX = 12.0
_VIEW_PX = 448.0
_HEAD_SHARE, _BODY_SHARE = 0.25, 0.5
_EDGE = 0.01

_SURE, _UNLIKELY = 0.9, 0.05
_INSIDE_SHARE = 0.6
_NEAR_HEIGHTS = 0.5
_SAME_GROUND = 0.5
# A person this near, in heights of the person, looks after a bag.
_ATTENDED_HEIGHTS = 1.0


def too_small_to_judge(
    persons: NDArray[np.float32], size_hw: tuple[int, int], head: bool
) -> NDArray[np.bool_]:
    """Return which persons do not show well enough what they wear.

    Args:
        persons: `(N, 4)` corners in pixels.
        size_hw: Height and width of the frame in pixels.
        head: Whether it is worn on the head, which must then lie inside the frame.

    Returns:
        `(N,)`; True where the part is smaller than `SMALLEST_PART_PX` or cut by the frame.
    """
    width, height = (persons[:, 2] - persons[:, 0]), (persons[:, 3] - persons[:, 1])
    part = np.minimum(height * (_HEAD_SHARE if head else _BODY_SHARE), width)
    seen = part * min(1.0, _VIEW_PX / max(size_hw))
    small = (part < SMALLEST_PART_PX) | (seen < _SMALLEST_SEEN_PX)
    cut = persons[:, 1] <= _EDGE * size_hw[0]
    result: NDArray[np.bool_] = small | (cut if head else np.zeros_like(small))
    return result


def fixed_belief(
    kind: RelationKind, subjects: NDArray[np.float32], others: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return how sure it is that each subject is in, on or next to each other object, `(N, M)`."""
    s, o = subjects[:, None].astype(np.float64), others[None].astype(np.float64)
    s_size, o_size = s[..., 2:] - s[..., :2], o[..., 2:] - o[..., :2]
    inter = np.clip(
        np.minimum(s[..., 2:], o[..., 2:]) - np.maximum(s[..., :2], o[..., :2]), 0, None
    )
    inside = inter.prod(axis=-1) / np.maximum(s_size.prod(axis=-1), 1.0)
    if kind is RelationKind.IN:
        holds = (inside >= _INSIDE_SHARE) & (s_size[..., 1] < o_size[..., 1])
    elif kind is RelationKind.ON:
        centre = (s[..., 0] + s[..., 2]) / 2
        holds = (centre >= o[..., 0]) & (centre <= o[..., 2])
        holds &= (s[..., 3] > o[..., 1]) & (s[..., 1] < o[..., 3]) & (inter.prod(axis=-1) > 0)
    else:
        gap = np.maximum(np.maximum(s[..., :2], o[..., :2]) - np.minimum(s[..., 2:], o[..., 2:]), 0)
        smaller = np.minimum(s_size[..., 1], o_size[..., 1])
        larger = np.maximum(s_size[..., 1], o_size[..., 1])
        holds = np.hypot(gap[..., 0], gap[..., 1]) <= _NEAR_HEIGHTS * larger
        holds &= np.abs(s[..., 3] - o[..., 3]) <= _SAME_GROUND * np.maximum(larger, 2 * smaller)
    return np.where(holds, _SURE, _UNLIKELY)


def is_attended(bags: NDArray[np.float32], persons: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which bags, `(N, 4)`, have one of `(M, 4)` persons near; `(N,)`."""
    if not len(persons):
        return np.zeros(len(bags), dtype=np.bool_)
    b, p = bags[:, None], persons[None]
    gap = np.maximum(np.maximum(b[..., :2], p[..., :2]) - np.minimum(b[..., 2:], p[..., 2:]), 0)
    near = np.hypot(gap[..., 0], gap[..., 1]) <= _ATTENDED_HEIGHTS * (p[..., 3] - p[..., 1])
    attended: NDArray[np.bool_] = near.any(axis=1)
    return attended
