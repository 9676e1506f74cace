"""Boxes as tensors: conversion, IoU, generalised IoU; the numpy twin is `ovd.domain.boxes`."""

import torch
from torch import Tensor


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
