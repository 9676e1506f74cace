"""VerifyingDetector: a judge decides about every object of single images."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo
from ovd.domain.ports.judging import Verification
from ovd.domain.query import Query, Vocabulary
from ovd.services.counting.judging.verifying import cut_square, is_verifiable

# Crops that are judged together.
MOST_CROPS = 32


class VerifyingDetector:
    """Implements `Detector`: the score is the geometric mean of the detector's and the judge's.

    There are no tracks and no budget: every object that the detector proposes is judged.
    """

    def __init__(
        self,
        detector: Detector,
        verification: Verification,
        proposed_from: float = 0.0,
        min_score: float | None = None,
    ) -> None:
        """Wrap a detector.

        Args:
            detector: Proposes objects.
            verification: The judge.
            proposed_from: Score from which the detector's objects are judged; others are dropped.
            min_score: Combined score from which an object counts; None takes the verification's.
        """
        self._detector = detector
        self._verification = verification
        self._proposed_from = proposed_from
        self._min_score = verification.min_score if min_score is None else min_score

    @property
    def info(self) -> DetectorInfo:
        """Return the facts about the detector."""
        return self._detector.info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries.

        Raises:
            QueryError: As the detector does.
        """
        return self._detector.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Raises:
            OvdError: As the detector and the judge do.
        """
        found = self._detector.detect(images, vocabulary)
        return [
            self._judge(image, own, vocabulary.queries)
            for image, own in zip(images, found, strict=True)
        ]

    def _judge(self, image: Image, found: Detections, queries: Sequence[Query]) -> Detections:
        judged = np.array([is_verifiable(query) for query in queries], dtype=np.bool_)
        is_judged = judged[found.label_id]
        places = np.flatnonzero(is_judged & (found.score >= self._proposed_from))
        score = found.score.copy()
        score[is_judged] = 0.0
        for start in range(0, len(places), MOST_CROPS):
            part = places[start : start + MOST_CROPS]
            crops = [cut_square(image, _corners(found, place)) for place in part]
            texts = [queries[found.label_id[place]].read_as for place in part]
            score[part] = np.sqrt(found.score[part] * self._verification.judge.judge(crops, texts))
        keep = ~is_judged | (score >= self._min_score)
        keep &= ~is_judged | np.isin(np.arange(len(score)), places)
        order = np.argsort(-score, kind="stable")
        order = order[keep[order]]
        return replace(
            found, xyxy=found.xyxy[order], score=score[order], label_id=found.label_id[order]
        )


def _corners(found: Detections, place: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = map(float, found.xyxy[place])
    return x0, y0, x1, y1
