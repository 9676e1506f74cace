"""DetectorJudge: an open-vocabulary detector that looks at one crop at a time."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import pairwise_iou
from ovd.domain.frame import Image
from ovd.domain.ports import Detector
from ovd.domain.query import Query, Vocabulary

# The object fills the middle of its crop; a box elsewhere is of something else.
MIDDLE = (1 / 7, 6 / 7)
MIN_IOU = 0.25
LEAST_SCORE = 0.01


class DetectorJudge:
    """Implements `CropJudge`: the best score of a box that covers the middle of the crop."""

    def __init__(self, detector: Detector) -> None:
        """Wrap a detector that takes any phrase."""
        self._detector = detector
        self._lock = threading.Lock()
        self._vocabularies: dict[str, Vocabulary] = {}

    @property
    def name(self) -> str:
        """Return the name of the detector."""
        return self._detector.info.name

    @property
    def default_min_score(self) -> float:
        """Return the threshold of the detector."""
        return self._detector.info.default_min_score

    def judge(self, crops: Sequence[Image], texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of each crop for its text; see `CropJudge`."""
        scores = np.zeros(len(crops), dtype=np.float32)
        for text in dict.fromkeys(texts):
            places = [place for place, own in enumerate(texts) if own == text]
            found = self._detector.detect(
                [crops[place] for place in places], self._vocabulary(text)
            )
            for place, detections in zip(places, found, strict=True):
                height, width = crops[place].shape[:2]
                low, high = MIDDLE
                middle = np.array(
                    [[low * width, low * height, high * width, high * height]], dtype=np.float32
                )
                covers = pairwise_iou(detections.xyxy, middle)[:, 0] >= MIN_IOU
                scores[place] = detections.score[covers].max(initial=0.0)
        return scores

    def _vocabulary(self, text: str) -> Vocabulary:
        with self._lock:
            known = self._vocabularies.get(text)
        if known is None:
            known = self._detector.encode([Query(text, text, (text,), (), LEAST_SCORE)])
            with self._lock:
                self._vocabularies[text] = known
        return known
