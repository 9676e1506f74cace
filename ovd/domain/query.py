"""Query and Vocabulary: what the user typed, and what the detector compares regions with."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ovd.domain.names import normalise_name
from ovd.domain.notes import Note
from ovd.domain.teaching.regions import RegionVector


class AttributeKind(StrEnum):
    """Kinds of attributes of an object, by what a detector must be able to tell."""

    COLOUR = "colour"
    CLOTHES_COLOUR = "clothes colour"
    SIZE = "size"
    STATE = "state"
    WORN = "worn"
    CARRIED = "carried"
    ACTION = "action"
    PLACE = "place"


class ObjectPart(StrEnum):
    """The part of an object that an attribute is about."""

    WHOLE = "whole"
    UPPER_BODY = "upper body"
    LOWER_BODY = "lower body"


@dataclass(frozen=True)
class RequiredColour:
    """A colour that an object must have to match.

    Attributes:
        colour: One of the eleven basic colours, "gray" spelt so.
        part: The part of the object that must have it.
    """

    colour: str
    part: ObjectPart = ObjectPart.WHOLE


@dataclass(frozen=True)
class ColouredPrompt:
    """A prompt that names an object and its colour.

    A detector that cannot judge colours by itself is asked for the name alone; the colour of what
    it finds is then judged in the image.

    Attributes:
        prompt: The whole, such as "red car".
        name: Without the colour, "car".
        colours: What the object must have; all of it.
    """

    prompt: str
    name: str
    colours: tuple[RequiredColour, ...]


@dataclass(frozen=True)
class Query:
    """The understood form of a query text.

    A query is a set of alternatives: an object that matches any prompt counts once. So
    "vehicle" may be read as car, bus, truck; and "vehicle except bus" excludes one again.

    Attributes:
        text: What the user typed, in the form of `normalise_name`; also the label of its
            detections.
        read_as: How it was understood, in English, for the user to check.
        prompts: Names for the text encoder, each an alternative; empty when unsupported.
        excluded: Names whose objects must not count although they match a prompt.
        min_score: Detections below this score, in [0, 1], do not count.
        supported: Whether the detector has learned to find this.
        note: Why it was read so, or which supported names come near; English, may be empty.
        notes: The same as codes, to be shown in any language.
        coloured: Those of the prompts that name a colour.
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
        object.__setattr__(self, "text", normalise_name(self.text))
        if not 0.0 <= self.min_score <= 1.0:
            raise ValueError(f"min_score must be in [0, 1], got {self.min_score}")
        if self.supported != bool(self.prompts):
            raise ValueError("a query has prompts exactly when it is supported")

    def with_min_score(self, min_score: float) -> "Query":
        """Return the same query with another threshold in [0, 1]."""
        return replace(self, min_score=min_score)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Supported queries as unit-length text embeddings, ready for the detector that made it.

    It holds everything that its detector needs: a copy, a pickle or one that was sent to another
    process finds the same. One row per prompt, not per query: the score of a query is the best
    over its own rows, so that alternatives are not averaged into a meaning that no user typed.

    Attributes:
        queries: The C queries, all supported.
        prompts: The P names that were encoded; of a `ColouredPrompt` its `name`, where the colour
            is judged in the image.
        prompt_label_id: `(P,)` int64, index of each prompt's query in `queries`.
        prompt_excluded: `(P,)` bool; True where a match takes the object away from its query.
        text_embeds: `(P, D)` float32, unit length.
        encoder_id: Which text encoder and weights made the embeddings.
        detector_id: `DetectorInfo.detector_id` of the detector that can use it.
        prompt_colours: What an object found by each of the P prompts must look like to match;
            empty where no prompt requires a colour.
        prompt_vectors: What regions are compared with instead of the text, for prompts whose
            name was taught or calibrated; None for others, and empty where there is none.
    """

    queries: tuple[Query, ...]
    prompts: tuple[str, ...]
    prompt_label_id: NDArray[np.int64]
    prompt_excluded: NDArray[np.bool_]
    text_embeds: NDArray[np.float32]
    encoder_id: str
    detector_id: str
    prompt_colours: tuple[tuple[RequiredColour, ...], ...] = ()
    prompt_vectors: tuple[RegionVector | None, ...] = ()

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
        for name, entries in (("colours", self.prompt_colours), ("vectors", self.prompt_vectors)):
            if len(entries) not in (0, rows):
                raise ValueError(
                    f"{rows} prompts need {rows} entries of {name} or none at all, got "
                    f"{len(entries)}"
                )
        wanted = set(range(len(self.queries)))
        if set(self.prompt_label_id[~self.prompt_excluded].tolist()) != wanted:
            raise ValueError("every query needs at least one prompt of its own")

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the label of each query, as typed."""
        return tuple(query.text for query in self.queries)

    @property
    def min_score(self) -> NDArray[np.float32]:
        """Return the `(C,)` thresholds of the queries."""
        return np.array([query.min_score for query in self.queries], dtype=np.float32)

    @property
    def requires_colours(self) -> bool:
        """Return whether the colour of what is found must be judged."""
        return any(self.prompt_colours)
