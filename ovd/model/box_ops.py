"""Boxes as tensors: conversion, IoU, generalised IoU; the numpy twin is `ovd.domain.boxes`.

And non-maximum suppression, in numpy: it handles a few hundred boxes at most, where the call
overhead of tensors would cost more than the arithmetic.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ovd.domain.boxes import pairwise_iou as numpy_iou

LEAST_VOTE = 1e-9


def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    """Convert `(..., 4)` centre and size to corners, same unit."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat((centre - half, centre + half), dim=-1)


def xyxy_to_cxcywh(boxes: Tensor) -> Tensor:
    """Convert `(..., 4)` corners to centre and size, same unit."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return torch.cat(((low + high) / 2, high - low), dim=-1)


def box_area(xyxy: Tensor) -> Tensor:
    """Return the area of `(..., 4)` corners as `(...)`; a box with negative extent has area 0."""
    return (xyxy[..., 2:] - xyxy[..., :2]).clamp(min=0).prod(dim=-1)


def pairwise_iou(a: Tensor, b: Tensor) -> Tensor:
    """Return the IoU of `(..., N, 4)` and `(..., M, 4)` corners as `(..., N, M)`."""
    inter, union = _intersection_and_union(a.unsqueeze(-2), b.unsqueeze(-3))
    return inter / union.clamp(min=torch.finfo(union.dtype).tiny)


def paired_giou(a: Tensor, b: Tensor) -> Tensor:
    """Return the generalised IoU of paired `(..., 4)` corner boxes as `(...)` in [-1, 1].

    IoU less the share of the smallest enclosing box that neither covers, so that boxes which do
    not touch still have a gradient (Rezatofighi et al., 2019).
    """
    inter, union = _intersection_and_union(a, b)
    tiny = torch.finfo(union.dtype).tiny
    hull = torch.cat((torch.minimum(a, b)[..., :2], torch.maximum(a, b)[..., 2:]), dim=-1)
    hull_area = box_area(hull).clamp(min=tiny)
    return inter / union.clamp(min=tiny) - (hull_area - union) / hull_area


def _intersection_and_union(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    low = torch.maximum(a[..., :2], b[..., :2])
    high = torch.minimum(a[..., 2:], b[..., 2:])
    inter = (high - low).clamp(min=0).prod(dim=-1)
    return inter, box_area(a) + box_area(b) - inter


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
            keep[members] = _greedy(numpy_iou(xyxy[order[members]], xyxy[order[members]]), max_iou)
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
        iou = numpy_iou(xyxy[kept[position]], xyxy[members])
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
