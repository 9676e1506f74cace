"""Ranking of colours: whether "red car" scores higher than "white car" on a red car."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.coco import CocoBox, CocoDataset
from ovd.domain.boxes import pairwise_iou
from ovd.evaluation.detection import DetectionRun

VEHICLES = frozenset(
    {"car", "bus", "truck", "van", "suv", "taxi", "minivan", "minibus", "pickup truck", "vehicle"}
)
_MEETS_IOU = 0.5


@dataclass(frozen=True)
class ColourTask:
    """The coloured boxes and queries of a ranking.

    Attributes:
        attribute: Key of the colour in the boxes' attributes.
        names: Category names of the boxes.
        phrase: Query with `{colour}` and `{name}` to fill in, such as "{colour} {name}".
        colours: Colours that compete.
    """

    attribute: str
    names: frozenset[str]
    phrase: str
    colours: tuple[str, ...]

    def query(self, colour: str, name: str) -> str:
        """Return the query for a name in a colour."""
        return self.phrase.format(colour=colour, name=name)


COLOURS = ("red", "white", "black", "blue", "yellow", "gray", "green")
VEHICLE_COLOURS = ColourTask("color", VEHICLES, "{colour} {name}", COLOURS)
SHIRT_COLOURS = ColourTask(
    "upper_color", frozenset({"person"}), "{name} in a {colour} shirt", COLOURS
)


@dataclass(frozen=True)
class ColourRanking:
    """Share of boxes on which the query with the true colour scores best.

    Attributes:
        boxes: Number of coloured boxes.
        missed: Those that no query found at all; they count as ranked wrong.
        pairwise: Mean over the boxes of the share of other colours that score lower than the
            true one; ties count half. Chance is .5 where none is missed.
        top1: Share of the boxes on which the true colour alone scores best.
    """

    boxes: int
    missed: int
    pairwise: float
    top1: float


def coloured_queries(dataset: CocoDataset, task: ColourTask) -> tuple[str, ...]:
    """Return the queries of every colour for every name with a coloured box in the dataset."""
    names = dict.fromkeys(
        box.name for item in dataset.images for box in _coloured(item.boxes, task)
    )
    return tuple(task.query(colour, name) for name in names for colour in task.colours)


def only_coloured(dataset: CocoDataset, task: ColourTask) -> CocoDataset:
    """Return the dataset without the images that have no coloured box."""
    kept = tuple(item for item in dataset.images if _coloured(item.boxes, task))
    return replace(dataset, images=kept)


def colour_ranking(runs: Iterable[DetectionRun], task: ColourTask) -> ColourRanking:
    """Rank the colours of the task on every box whose colour is one of them.

    The score of a query at a box is that of its best detection with an IoU of .5 or more, else 0.
    Two colours, such as red and white, give the two-way comparison on the boxes of these colours.

    Raises:
        ValueError: If no box has one of the colours.
    """
    scores, truth = [], []
    for run in runs:
        for item, found in zip(run.dataset.images, run.detections, strict=True):
            columns = {label: label_id for label_id, label in enumerate(found.labels)}
            for box in _coloured(item.boxes, task):
                iou = pairwise_iou(np.array([box.xyxy], dtype=np.float32), found.xyxy)[0]
                best = np.zeros(len(columns), dtype=np.float32)
                meets = iou >= _MEETS_IOU
                np.maximum.at(best, found.label_id[meets], found.score[meets])
                scores.append([_at(best, columns, task.query(c, box.name)) for c in task.colours])
                truth.append(task.colours.index(box.attributes[task.attribute]))
    if not truth:
        raise ValueError(f"no box of {sorted(task.names)} has one of the colours {task.colours}")
    return rank_colours(np.array(scores, dtype=np.float32), np.array(truth, dtype=np.int64))


def rank_colours(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> ColourRanking:
    """Measure how often the true colour has the highest score.

    Args:
        scores: `(N, K)` score of each of K colours at each of N boxes.
        truth: `(N,)` index of the true colour.
    """
    own = scores[np.arange(len(truth)), truth][:, None]
    others = np.ones(scores.shape, dtype=np.bool_)
    others[np.arange(len(truth)), truth] = False
    won = np.where(own > scores, 1.0, np.where(own == scores, 0.5, 0.0))
    is_missed = scores.max(axis=1) == 0
    share = np.where(is_missed, 0.0, (won * others).sum(axis=1) / (scores.shape[1] - 1))
    return ColourRanking(
        boxes=len(truth),
        missed=int(is_missed.sum()),
        pairwise=float(share.mean()),
        top1=float((share == 1.0).mean()),
    )


def _coloured(boxes: Sequence[CocoBox], task: ColourTask) -> list[CocoBox]:
    return [
        box
        for box in boxes
        if box.name in task.names and box.attributes.get(task.attribute) in task.colours
    ]


def _at(best: NDArray[np.float32], columns: Mapping[str, int], query: str) -> float:
    return float(best[columns[query]]) if query in columns else 0.0
