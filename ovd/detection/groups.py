"""Groups of objects in one image: crowds, and numbers of objects seen at once."""

import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Detections
from ovd.domain.query import Query

# Two persons are near each other when their feet are no farther apart than this many of their
# heights; one of half the other's height stands elsewhere in depth.
NEAR_HEIGHTS = 1.0
_SAME_DEPTH = 0.5


def apply_groups(found: Detections, queries: tuple[Query, ...]) -> Detections:
    """Return the detections with those of queries for groups replaced by the groups.

    Args:
        found: Detections whose labels are those of the queries, in order.
        queries: The queries.
    """
    if all(query.group is None for query in queries):
        return found
    parts = [_of_query(found.of_label(label_id), query) for label_id, query in enumerate(queries)]
    score = np.concatenate([part.score for part in parts])
    order = np.argsort(-score, kind="stable")
    return Detections(
        np.concatenate([part.xyxy for part in parts])[order],
        score[order],
        np.concatenate([part.label_id for part in parts])[order],
        found.labels,
        found.candidates,
    )


def _of_query(found: Detections, query: Query) -> Detections:
    if query.group is None:
        return found
    if not query.group.near:
        enough = len(found) >= query.group.least
        return found.where(np.full(len(found), enough, dtype=np.bool_))
    members = [who for who in _connected(found.xyxy) if len(who) >= query.group.least]
    boxes = [_around(found.xyxy[who]) for who in members]
    return Detections(
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.array([found.score[who].mean() for who in members], dtype=np.float32),
        np.array([found.label_id[who[0]] for who in members], dtype=np.int64),
        found.labels,
        found.candidates,
    )


def _connected(xyxy: NDArray[np.float32]) -> list[NDArray[np.intp]]:
    """Return the indices of each set of boxes that are near each other, directly or by others."""
    height = xyxy[:, 3] - xyxy[:, 1]
    feet = np.stack([(xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3]], axis=1)
    distance = np.hypot(*np.moveaxis(feet[:, None] - feet[None], 2, 0))
    larger = np.maximum(height[:, None], height)
    near = (distance <= NEAR_HEIGHTS * larger) & (
        np.minimum(height[:, None], height) >= _SAME_DEPTH * larger
    )
    left = set(range(len(xyxy)))
    groups = []
    while left:
        members, waiting = [], [left.pop()]
        while waiting:
            index = waiting.pop()
            members.append(index)
            reached = [other for other in left if near[index, other]]
            left.difference_update(reached)
            waiting += reached
        groups.append(np.array(sorted(members)))
    return groups


def _around(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([xyxy[:, :2].min(axis=0), xyxy[:, 2:].max(axis=0)])
