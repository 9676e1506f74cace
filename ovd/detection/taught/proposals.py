"""Look-alikes of a taught name on a user's frames, to be confirmed or refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ovd.detection.taught.examples import POOR_IOU, fitting_regions
from ovd.domain.boxes import clip_xyxy, pairwise_iou
from ovd.domain.teaching.regions import Regions, RegionVector
from ovd.domain.teaching.taught_names import Box, ExampleKind, TaughtExample

# A proposal may lie so many logits below the threshold.
BELOW = 2.0
PER_IMAGE = 2


@dataclass(frozen=True, eq=False)
class Proposal:
    """One box that looks like the object.

    Attributes:
        image: Index of its image among those that were searched.
        source: Where the image came from.
        xyxy: Corners in pixels of the image.
        score: In [0, 1]; the name's threshold is the detector's default.
        unanswered: The example that it becomes, as one that is confirmed.
    """

    image: int
    source: str
    xyxy: Box
    score: float
    unanswered: TaughtExample

    def example(self, kind: ExampleKind) -> TaughtExample:
        """Return it as an example with the user's answer."""
        return replace(self.unanswered, kind=kind)


def find_proposals(
    vectors: Sequence[RegionVector],
    frames: Sequence[tuple[str, Regions]],
    known: Sequence[TaughtExample],
    level: float,
) -> list[Proposal]:
    """Return boxes that look like the object, best first, at most two of an image.

    Args:
        vectors: Of the taught name.
        frames: Sources and regions of the images to search.
        known: Examples that are not to be proposed again; told by source and box.
        level: Logit of the threshold.
    """
    found = []
    for index, (source, regions) in enumerate(frames):
        boxes, logits = _candidates(vectors, regions, level - BELOW)
        taken = np.array([item.xyxy for item in known if item.source == source], np.float32)
        for _ in range(PER_IMAGE):
            if len(taken):
                free = pairwise_iou(boxes, taken.reshape(-1, 4)).max(axis=1) < POOR_IOU
                boxes, logits = boxes[free], logits[free]
            if not len(boxes):
                break
            best = int(logits.argmax())
            found.append(_proposal(index, source, boxes[best], float(logits[best]), regions))
            taken = boxes[best][None]
    return sorted(found, key=lambda item: -item.score)


def _candidates(
    vectors: Sequence[RegionVector], regions: Regions, least: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    boxes, logits = [], []
    for item in vectors:
        logit = regions.embeds @ item.vector + np.float32(item.bias)
        hit = np.flatnonzero(logit >= least)
        xyxy = regions.xyxy[hit]
        offset = np.array(item.box_offset, np.float32)
        xyxy = xyxy + offset * np.tile(xyxy[:, 2:] - xyxy[:, :2], 2)
        boxes.append(clip_xyxy(xyxy, regions.image_hw))
        logits.append(logit[hit])
    return np.concatenate(boxes), np.concatenate(logits)


def _proposal(
    index: int, source: str, box: NDArray[np.float32], logit: float, regions: Regions
) -> Proposal:
    x0, y0, x1, y1 = box.tolist()
    fit = fitting_regions(pairwise_iou(regions.xyxy, box[None])[:, 0])
    example = TaughtExample(
        ExampleKind.CONFIRMED,
        (x0, y0, x1, y1),
        regions.image_hw,
        source,
        "",
        regions.embeds[fit].astype(np.float16),
        regions.xyxy[fit],
        np.zeros((0, regions.embeds.shape[1]), np.float16),
    )
    return Proposal(index, source, example.xyxy, 1.0 / (1.0 + float(np.exp(-logit))), example)
