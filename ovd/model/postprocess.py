"""Logits and boxes -> detections in frame pixels, each query on its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import nms, vote
from ovd.domain.detections import Detections
from ovd.domain.query import Vocabulary
from ovd.domain.teaching.regions import NO_OFFSET
from ovd.model.preprocess import Resize

# Loosens the threshold on logits, applied in float32 before that on scores.
LOGIT_SLACK = 1e-3


@dataclass(frozen=True)
class PostprocessConfig:
    """Parameters that turn candidates into detections.

    Attributes:
        max_iou: Two boxes of one query that overlap by more are one object.
        candidates_per_query: Best candidates of a query that are considered; more would only
            be reached at thresholds near 0.
        vote_iou: Overlap from which the boxes of one query that reach its threshold move the best
            of them; None leaves it where it is.
    """

    max_iou: float = 0.5
    candidates_per_query: int = 400
    vote_iou: float | None = None


@dataclass(frozen=True, eq=False)
class _Candidates:
    """N candidates of one image, as parallel `(N,)` arrays, and their `(N, 4)` boxes."""

    xyxy: NDArray[np.float32]
    logit: NDArray[np.float32]
    label_id: NDArray[np.int64]
    taken_away: NDArray[np.bool_]

    def where(self, keep: NDArray[np.int64] | NDArray[np.bool_]) -> "_Candidates":
        return _Candidates(
            self.xyxy[keep], self.logit[keep], self.label_id[keep], self.taken_away[keep]
        )


def postprocess(
    logits: Sequence[NDArray[np.float32]],
    xyxy_norm: Sequence[NDArray[np.float32]],
    resizes: Sequence[Resize],
    vocabulary: Vocabulary,
    config: PostprocessConfig,
) -> list[Detections]:
    """Turn scored candidates into detections.

    A region's score for a query is the sigmoid of its best logit over the query's prompts. Where
    an excluded prompt scores higher than all of them, the region is taken away from the query;
    it still suppresses its duplicates, so that a weaker box of the same object does not bring
    the object back. Queries share nothing: neither thresholds nor suppression.

    Args:
        logits: `(Q, P)` of each of B images' regions for the prompts of `vocabulary`; regions
            without a logit from `prompt_floor` on may be left out.
        xyxy_norm: `(Q, 4)` corners of each in fractions of the input.
        resizes: How each of the B images was resized.
        vocabulary: The queries, each with its threshold.
        config: Overlap and number of candidates.

    Returns:
        One result per image, best score first.
    """
    floor = prompt_floor(vocabulary)
    offsets = _box_offsets(vocabulary)
    detections = []
    for image_logits, boxes, resize in zip(logits, xyxy_norm, resizes, strict=True):
        # Eight times as fast as a nonzero of both axes.
        region, prompt = np.divmod(np.flatnonzero(image_logits >= floor), len(floor))
        best = _best_prompt_per_query(region, prompt, image_logits[region, prompt], vocabulary)
        region, prompt = region[best], prompt[best]
        candidates = _Candidates(
            resize.to_frame(_offset(boxes[region], prompt, offsets)),
            image_logits[region, prompt],
            vocabulary.prompt_label_id[prompt],
            vocabulary.prompt_excluded[prompt],
        )
        detections.append(_without_duplicates(candidates, vocabulary, config))
    return detections


def add_prompt_biases(
    logits: NDArray[np.float32], vocabulary: Vocabulary, text_bias: float
) -> None:
    """Replace the bias of texts in `(..., P)` logits by that of taught prompts, in place."""
    for row, learned in enumerate(vocabulary.prompt_vectors):
        if learned is not None:
            logits[..., row] += np.float32(learned.bias - text_bias)


def _box_offsets(vocabulary: Vocabulary) -> NDArray[np.float32] | None:
    """Return the `(P, 4)` offsets of the prompts' boxes; None where no prompt has any."""
    learned = [vector.box_offset if vector else NO_OFFSET for vector in vocabulary.prompt_vectors]
    return np.array(learned, dtype=np.float32) if any(map(any, learned)) else None


def _offset(
    boxes: NDArray[np.float32], prompt: NDArray[np.int64], offsets: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Return `(N, 4)` boxes with the offsets of the prompts that found them."""
    if offsets is None:
        return boxes
    extent = boxes[:, 2:] - boxes[:, :2]
    return boxes + offsets[prompt] * np.tile(extent, 2)


def prompt_floor(vocabulary: Vocabulary) -> NDArray[np.float32]:
    """Return the `(P,)` logits below which no region reaches the threshold of its query."""
    min_score = vocabulary.min_score.astype(np.float64)[vocabulary.prompt_label_id]
    with np.errstate(divide="ignore"):
        floor = np.log(min_score) - np.log1p(-min_score) - LOGIT_SLACK
    # Finite, so that a region that was not found for a prompt, at minus infinity, stays below.
    return np.maximum(floor, np.finfo(np.float32).min).astype(np.float32)


def _best_prompt_per_query(
    region: NDArray[np.int64],
    prompt: NDArray[np.int64],
    logit: NDArray[np.float32],
    vocabulary: Vocabulary,
) -> NDArray[np.int64]:
    """Return the index of each (region, query) pair's best prompt; on ties the excluded last."""
    pair = region * len(vocabulary.queries) + vocabulary.prompt_label_id[prompt]
    order = np.lexsort((vocabulary.prompt_excluded[prompt], -logit))
    _, first = np.unique(pair[order], return_index=True)
    best: NDArray[np.int64] = order[first]
    return best


def _without_duplicates(
    candidates: _Candidates, vocabulary: Vocabulary, config: PostprocessConfig
) -> Detections:
    extent = candidates.xyxy[:, 2:] - candidates.xyxy[:, :2]
    candidates = candidates.where(np.min(extent, axis=1) > 0)
    candidates = candidates.where(_best_of_each_query(candidates, config.candidates_per_query))
    all_xyxy, label_id = candidates.xyxy, candidates.label_id
    best = nms(all_xyxy, candidates.logit, label_id, config.max_iou)
    all_scores = (1.0 / (1.0 + np.exp(-candidates.logit.astype(np.float64)))).astype(np.float32)
    kept, score, xyxy = candidates.where(best), all_scores[best], all_xyxy[best]
    if config.vote_iou is not None:
        xyxy = vote(all_xyxy, all_scores, label_id, best, config.vote_iou)
    counts = ~kept.taken_away & (score >= vocabulary.min_score[kept.label_id])
    return Detections(xyxy[counts], score[counts], kept.label_id[counts], vocabulary.labels)


def _best_of_each_query(candidates: _Candidates, limit: int) -> NDArray[np.int64]:
    """Return the indices of the best candidates of each query, at most `limit`."""
    order = np.lexsort((-candidates.logit, candidates.label_id))
    label = candidates.label_id[order]
    rank = np.arange(len(label)) - np.searchsorted(label, label)
    best: NDArray[np.int64] = order[rank < limit]
    return best
