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


class RelationKind(StrEnum):
    """Kinds of relation between an object and another one that is seen with it."""

    WEARS = "wears"
    CARRIES = "carries"
    HOLDS = "holds"
    RIDES = "rides"
    RIDDEN_BY = "ridden by"
    IN = "in"
    ON = "on"
    NEXT_TO = "next to"


class StateKind(StrEnum):
    """Kinds of state that an object is in for a while; none can be judged in one image."""

    LYING = "lying"
    SITTING = "sitting"
    RUNNING = "running"
    STILL = "standing still"
    LOITERING = "loitering"
    STOPPED = "stopped"
    PARKED = "parked"
    ABANDONED = "abandoned"


@dataclass(frozen=True)
class RequiredRelation:
    """A relation to another object that an object must have, or must not have.

    Attributes:
        kind: The kind of relation.
        prompts: Names of the other object, each an alternative; at least one.
        negated: Whether the object must not have it.
        coloured: Those of the prompts that name a colour.
        opposites: Names that show that it is not there, such as "bare head" for a helmet; empty
            where the detector knows none.
    """

    kind: RelationKind
    prompts: tuple[str, ...]
    negated: bool = False
    coloured: tuple[ColouredPrompt, ...] = ()
    opposites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.prompts:
            raise ValueError("a relation needs the name of another object")


@dataclass(frozen=True)
class RequiredState:
    """A state that an object must be in.

    Attributes:
        kind: The kind of state.
        for_s: Seconds of media time for which it must have lasted.
    """

    kind: StateKind
    for_s: float

    def __post_init__(self) -> None:
        if not self.for_s > 0.0:
            raise ValueError(f"a state lasts for more than 0 seconds, got {self.for_s}")


@dataclass(frozen=True)
class RequiredGroup:
    """A number of objects that must be seen together.

    Attributes:
        least: Number of objects, at least 2.
        near: Whether they must stand near each other; each such group is then one object. Where
            it is False the objects themselves count, in images that show enough of them.
    """

    least: int
    near: bool

    def __post_init__(self) -> None:
        if self.least < 2:
            raise ValueError(f"a group has at least 2 objects, got {self.least}")


@dataclass(frozen=True)
class JudgedConditions:
    """The conditions beyond name and attributes that can be judged with a detector.

    Attributes:
        relations: Kinds of relation.
        states: Kinds of state, where objects are tracked.
        groups: Whether groups can be judged.
    """

    relations: frozenset[RelationKind] = frozenset()
    states: frozenset[StateKind] = frozenset()
    groups: bool = False


NOTHING_JUDGED = JudgedConditions()


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
        relations: What an object must be seen with, or without; all of it.
        state: The state that an object must be in; None for any.
        group: How many objects must be seen together; None for any number.
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
    relations: tuple[RequiredRelation, ...] = ()
    state: RequiredState | None = None
    group: RequiredGroup | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("text must not be blank")
        object.__setattr__(self, "text", normalise_name(self.text))
        if not 0.0 <= self.min_score <= 1.0:
            raise ValueError(f"min_score must be in [0, 1], got {self.min_score}")
        if self.supported != bool(self.prompts):
            raise ValueError("a query has prompts exactly when it is supported")

    @property
    def has_conditions(self) -> bool:
        """Return whether an object must meet conditions beyond its name and colour."""
        return bool(self.relations) or self.state is not None or self.group is not None

    @property
    def judged_over_time(self) -> bool:
        """Return whether several frames decide whether an object matches."""
        return bool(self.relations) or self.state is not None

    def with_min_score(self, min_score: float) -> "Query":
        """Return the same query with another threshold in [0, 1]."""
        return replace(self, min_score=min_score)


@dataclass(frozen=True)
class ConditionSearch:
    """The searches on behalf of a query with conditions.

    The numbers are indices into the queries of `Vocabulary.search`.

    Attributes:
        subject: The object that counts.
        objects: The other object of each of the query's relations.
        opposites: What shows that a relation is not there, for each relation; -1 for nothing.
        bystanders: Persons, for states that depend on whether one is near; -1 where not needed.
    """

    subject: int
    objects: tuple[int, ...] = ()
    opposites: tuple[int, ...] = ()
    bystanders: int = -1


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
        text_embeds: `(P, D)` float32, of unit length where a detector compares by angle; D is 0
            for one that reads the prompts themselves with every image.
        encoder_id: Which text encoder and weights made the embeddings.
        detector_id: `DetectorInfo.detector_id` of the detector that can use it.
        prompt_colours: What an object found by each of the P prompts must look like to match;
            empty where no prompt requires a colour.
        search: What a wrapped detector searches on behalf of the queries, where some of them have
            conditions; None where none has.
        plans: How the results of `search` make those of each query; empty without `search`.
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
    search: "Vocabulary | None" = None
    plans: tuple[ConditionSearch, ...] = ()
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
        if len(self.plans) != (len(self.queries) if self.search is not None else 0):
            raise ValueError(f"{len(self.queries)} queries need as many plans, got {self.plans}")
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
