"""Words of relations, states and groups, read from `data/conditions.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from ovd.domain.query import RelationKind, StateKind
from ovd.language.tokens import Words, split_words

HAS = "has"


@dataclass(frozen=True)
class Link:
    """Words before another object.

    Attributes:
        kind: Kind of relation; None where the other object decides.
        negated: Whether they deny it.
    """

    kind: RelationKind | None
    negated: bool


Marker = Link | StateKind


@dataclass(frozen=True)
class ConditionWords:
    """Words of conditions; every entry is split into words.

    Attributes:
        framing: Starts of a sentence that ask for something.
        fillers: Words between a noun and its clause.
        perfect: Auxiliary verbs that are dropped before a state.
        somebody: Words for any person.
        persons: Persons that are no different from others to a detector.
        riders: Clause that the name of a person stands for.
        drivers: Words for a person who rides or drives the subject.
        markers: What begins a clause.
        alone: Kind of state, or "crowd", of whole queries without a subject.
        negated_states: Negations of a state.
        unjudged_links: Words between two nouns for a relation that nothing can judge.
        places: Places that are dropped after a state.
        objects: Names of objects by the part they play.
        opposites: Name of what shows that another is not there.
        suggested: Queries to suggest.
    """

    framing: tuple[Words, ...]
    fillers: frozenset[str]
    perfect: frozenset[str]
    somebody: frozenset[str]
    persons: frozenset[Words]
    riders: Mapping[Words, Words]
    drivers: frozenset[str]
    markers: Mapping[Words, Marker]
    alone: Mapping[Words, str]
    negated_states: frozenset[Words]
    unjudged_links: frozenset[Words]
    places: frozenset[Words]
    objects: Mapping[str, frozenset[str]]
    opposites: Mapping[str, str]
    suggested: tuple[str, ...]

    def marker_at(self, words: Words, at: int) -> tuple[Marker, int] | None:
        """Return what begins at a position, and the number of its words; the longest counts."""
        for length in range(min(4, len(words) - at), 0, -1):
            found = self.markers.get(words[at : at + length])
            if found is not None:
                return found, length
        return None


def load_condition_words() -> ConditionWords:
    """Load the words that ship with the package."""
    path = resources.files("ovd.language") / "data" / "conditions.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    markers: dict[Words, Marker] = {}
    for kind, phrases in data["states"].items():
        markers.update((split_words(phrase), StateKind(kind)) for phrase in phrases)
    for section, negated in (("links", False), ("negated_links", True)):
        for name, phrases in data[section].items():
            link = Link(None if name == HAS else RelationKind(name), negated)
            markers.update((split_words(phrase), link) for phrase in phrases)
    return ConditionWords(
        framing=tuple(sorted(map(split_words, data["framing"]), key=len, reverse=True)),
        fillers=frozenset(data["fillers"]),
        perfect=frozenset(data["perfect"]),
        somebody=frozenset(data["somebody"]),
        persons=_split_all(data["persons"]),
        riders={split_words(name): split_words(text) for name, text in data["riders"].items()},
        drivers=frozenset(data["drivers"]["words"]),
        markers=markers,
        alone={split_words(p): kind for kind, phrases in data["alone"].items() for p in phrases},
        negated_states=_split_all(data["negated_states"]),
        unjudged_links=_split_all(data["unjudged_links"]),
        places=_split_all(data["places"]),
        objects={role: frozenset(names) for role, names in data["objects"].items()},
        opposites=data["opposites"],
        suggested=tuple(data["suggested"]["forms"]),
    )


def _split_all(phrases: Sequence[str]) -> frozenset[Words]:
    return frozenset(map(split_words, phrases))
