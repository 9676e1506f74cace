"""Conversion, clipping and IoU of boxes in numpy; `ovd.model.box_ops` does the same in torch."""

import numpy as np
from numpy.typing import NDArray


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
