"""Set what a teacher sees against what a source says."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAME_PLACE_IOU = 0.5


def contradicted(
    iou: NDArray[np.float32], seen: Sequence[str], labelled: Sequence[str], stated: frozenset[str]
) -> NDArray[np.bool_]:
    """Tell which of a teacher's boxes lie where a source says that there is something else.

    A teacher that knows no forklift calls it a truck.

    Args:
        iou: `(S, N)` overlaps of the teacher's boxes with the source's.
        seen: What the teacher calls its boxes.
        labelled: What the source calls its own.
        stated: Names that the source boxes exhaustively, small ones excepted or not.

    Returns:
        `(S,)`.
    """
    other = np.array(
        [[name != label and label in stated for label in labelled] for name in seen],
        dtype=np.bool_,
    ).reshape(iou.shape)
    return np.asarray((other & (iou > SAME_PLACE_IOU)).any(axis=1), dtype=np.bool_)
