"""Query and Vocabulary: what the user typed, and what the detector compares regions with."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ovd.domain.notes import Note


class AttributeKind(StrEnum):
    """What a detector must be able to tell to judge an attribute."""

    COLOUR = "colour"
    CLOTHES_COLOUR = "clothes colour"
    SIZE = "size"
    STATE = "state"
    WORN = "worn"
    CARRIED = "carried"
    ACTION = "action"
    PLACE = "place"


class Part(StrEnum):
    """Where on a thing something is to be seen."""

    WHOLE = "whole"
    UPPER_BODY = "upper body"
    LOWER_BODY = "lower body"


@dataclass(frozen=True)
class Look:
    """A colour that must be seen on a thing.

    Attributes:
        colour: One of the eleven basic colours, "gray" spelt so.
        part: Where.
    """

    colour: str
    part: Part = Part.WHOLE


@dataclass(frozen=True)
class ColouredPrompt:
    """A prompt that names a thing and its colour.

    A detector that cannot judge colours by itself is asked for the thing; its colour is then
    judged in the picture.

    Attributes:
        prompt: The whole, such as "red car".
        thing: Without the colour, "car".
        looks: What must be seen; all of it.
    """

    prompt: str
    thing: str
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Query:
    """One thing to look for.

    A query is a set of alternatives: an object that matches any prompt counts once. So
    "vehicle" may be read as car, bus, truck; and "vehicle except bus" excludes one again.

    Attributes:
        text: What the user typed, trimmed; also the label of its detections.
        read_as: How it was understood, in English, for the user to check.
        prompts: Names for the text encoder, each an alternative; empty when unsupported.
        excluded: Names whose objects must not count although they match a prompt.
        min_score: Detections below this score, in [0, 1], do not count.
        supported: Whether the detector has learned to find this.
        note: Why it was read so, or which supported names come near; English, may be empty.
        notes: The same, to be said in another language.
        coloured: Which of the prompts name a colour.
    """

    text: str
    read_as: str
    prompts: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    min_score: float = 0.35
    supported: bool = True
    note: str = ""
    notes: tuple[Note, ...] = ()
    coloured: tuple[ColouredPrompt, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("text must not be blank")
        if not 0.0 <= self.min_score <= 1.0:
            raise ValueError(f"min_score must be in [0, 1], got {self.min_score}")
        if self.supported != bool(self.prompts):
            raise ValueError("a query has prompts exactly when it is supported")

    def with_min_score(self, min_score: float) -> "Query":
        """Return the same query with another threshold in [0, 1]."""
        return replace(self, min_score=min_score)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Supported queries as unit-length text embeddings, ready for a detector.

    One row per prompt, not per query: the score of a query is the best over its own rows, so
    that alternatives are not averaged into a meaning nobody asked for.

    Attributes:
        queries: The C queries, all supported.
        prompts: The P names that were encoded.
        prompt_label_id: `(P,)` int64, index of each prompt's query in `queries`.
        prompt_excluded: `(P,)` bool; True where a match takes the object away from its query.
        text_embeds: `(P, D)` float32, unit length.
        encoder_id: Which text encoder and weights made the embeddings.
    """

    queries: tuple[Query, ...]
    prompts: tuple[str, ...]
    prompt_label_id: NDArray[np.int64]
    prompt_excluded: NDArray[np.bool_]
    text_embeds: NDArray[np.float32]
    encoder_id: str

    def __post_init__(self) -> None:
        rows = len(self.prompts)
        shapes = (self.prompt_label_id.shape, self.prompt_excluded.shape)
        if shapes != ((rows,), (rows,)) or self.text_embeds.shape[:1] != (rows,):
            raise ValueError(
                f"{rows} prompts need {rows} label ids, flags and embeddings; got {shapes} and "
                f"{self.text_embeds.shape}"
            )
        if self.text_embeds.ndim != 2:
            raise ValueError(f"text_embeds must be (P, D), got {self.text_embeds.shape}")
        wanted = set(range(len(self.queries)))
        if set(self.prompt_label_id[~self.prompt_excluded].tolist()) != wanted:
            raise ValueError("every query needs at least one prompt of its own")

    @property
    def labels(self) -> tuple[str, ...]:
        """Label of each query, as typed."""
        return tuple(query.text for query in self.queries)

    @property
    def min_score(self) -> NDArray[np.float32]:
        """Return `(C,)` threshold of each query."""
        return np.array([query.min_score for query in self.queries], dtype=np.float32)
