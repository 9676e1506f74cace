"""Conversion, clipping, IoU and suppression of boxes in numpy.

`ovd.model.box_ops` is what training needs of it in torch.
"""

import numpy as np
from numpy.typing import NDArray

LEAST_VOTE = 1e-9


def xywh_to_xyxy(xywh: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert `(N, 4)` top-left corner and size to corners, same unit."""
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)


def xyxy_to_xywh(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert `(N, 4)` corners to top-left corner and size, same unit."""
    return np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)


def clip_xyxy(xyxy: NDArray[np.float32], size_hw: tuple[int, int]) -> NDArray[np.float32]:
    """Clip `(N, 4)` pixel corners to a frame of `size_hw`."""
    height, width = size_hw
    bound = np.array([width, height, width, height], dtype=np.float32)
    return np.clip(xyxy, 0.0, bound)


def pairwise_iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the intersection over union of `(N, 4)` and `(M, 4)` corners as `(N, M)`.

    Empty boxes give 0.
    """
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.prod(np.clip(bottom_right - top_left, 0.0, None), axis=2)
    area_a = np.prod(a[:, 2:] - a[:, :2], axis=1)
    area_b = np.prod(b[:, 2:] - b[:, :2], axis=1)
    union = area_a[:, None] + area_b[None, :] - inter
    iou: NDArray[np.float32] = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
    return iou


def nms(
    xyxy: NDArray[np.float32],
    score: NDArray[np.float32],
    group: NDArray[np.int64],
    max_iou: float,
) -> NDArray[np.int64]:
    """Greedy non-maximum suppression; boxes of different groups never suppress each other.

    Args:
        xyxy: `(N, 4)` corners.
        score: `(N,)`, higher is better.
        group: `(N,)` group of each box, such as the query it answers to.
        max_iou: A box is dropped when it overlaps a better one of its group by more than this.

    Returns:
        Indices of the boxes to keep, best score first; equal scores keep their order.
    """
    order = np.argsort(-score, kind="stable")
    keep = np.ones(len(order), dtype=np.bool_)
    for members in _split(group[order]):
        if len(members) > 1:
            keep[members] = _greedy(
                pairwise_iou(xyxy[order[members]], xyxy[order[members]]), max_iou
            )
    kept: NDArray[np.int64] = order[keep]
    return kept


def vote(
    xyxy: NDArray[np.float32],
    score: NDArray[np.float32],
    group: NDArray[np.int64],
    kept: NDArray[np.int64],
    min_iou: float,
) -> NDArray[np.float32]:
    """Place each box where those that it suppressed, and it, are on average.

    Box voting after Gidaris and Komodakis, 2015, "Object detection via a multi-region & semantic
    segmentation-aware CNN model"; votes weigh score times overlap.

    Args:
        xyxy: `(N, 4)` corners.
        score: `(N,)` in [0, 1].
        group: `(N,)` group of each box; boxes of other groups have no vote.
        kept: `(K,)` indices of the boxes to place.
        min_iou: Overlap from which a box votes.

    Returns:
        `(K, 4)` corners.
    """
    placed = xyxy[kept]
    for position in _split(group[kept]):
        members = np.flatnonzero(np.isin(group, group[kept[position]]))
        iou = pairwise_iou(xyxy[kept[position]], xyxy[members])
        weight = np.where(iou >= min_iou, iou * np.maximum(score[members], LEAST_VOTE), 0)
        placed[position] = weight @ xyxy[members] / weight.sum(axis=1, keepdims=True)
    return placed


def _split(group: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the indices of the members of each group, ascending."""
    by_group = np.argsort(group, kind="stable")
    return np.split(by_group, 1 + np.flatnonzero(np.diff(group[by_group])))


def _greedy(iou: NDArray[np.float32], max_iou: float) -> NDArray[np.bool_]:
    """Return which of N boxes stay, given their `(N, N)` overlaps, best box first."""
    overlaps = iou > max_iou
    alive = np.ones(len(iou), dtype=np.bool_)
    for index in range(len(iou) - 1):
        if alive[index]:
            alive[index + 1 :] &= ~overlaps[index, index + 1 :]
    return alive
