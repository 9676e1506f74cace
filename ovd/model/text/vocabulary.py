"""Queries -> the vocabulary that a detector is asked: their prompts, in order, embedded."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ovd.domain.query import Query, Vocabulary
from ovd.errors import QueryError

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


def encode_queries(
    queries: Sequence[Query], embed: Embed, encoder_id: str, detector_id: str
) -> Vocabulary:
    """Embed the prompts of supported queries, and what they exclude.

    Args:
        queries: What is asked.
        embed: Makes `(P, D)` embeddings of prompts.
        encoder_id: Identity of what embeds.
        detector_id: Identity of the detector that is asked.

    Raises:
        QueryError: If there is no query, one is unsupported, or a prompt cannot be embedded.
    """
    if not queries:
        raise QueryError("no query to look for; give at least one")
    unsupported = next((query for query in queries if not query.supported), None)
    if unsupported is not None:
        detector = detector_id.partition("@")[0]
        raise QueryError(
            f"the query {unsupported.text!r} is not supported by the detector {detector!r}"
            + (f": {unsupported.note}" if unsupported.note else "")
        )
    rows = [
        (label_id, prompt, is_excluded)
        for label_id, query in enumerate(queries)
        for prompts, is_excluded in ((query.prompts, False), (query.excluded, True))
        for prompt in prompts
    ]
    label_ids, prompts, excluded = zip(*rows, strict=True)
    return Vocabulary(
        queries=tuple(queries),
        prompts=prompts,
        prompt_label_id=np.array(label_ids, dtype=np.int64),
        prompt_excluded=np.array(excluded, dtype=np.bool_),
        text_embeds=embed(prompts),
        encoder_id=encoder_id,
        detector_id=detector_id,
    )
