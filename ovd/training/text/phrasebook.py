"""Wordings and relations of names: synonyms, hypernyms, groups, attributes."""

import tomllib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from ovd.errors import DatasetError
from ovd.text_files import read_toml

DEFAULT_PHRASES = Path(__file__).parent / "phrases.toml"
COVERED_WEIGHT = 0.5
OPEN_GROUP_WEIGHT = 0.3
SOFT_WEIGHT = 0.3
PRESUMED_WEIGHT = 0.2


class Relation(IntEnum):
    """Relation of a box's name to a phrase."""

    UNRELATED = 0
    MATCH = 1
    UNSURE = 2
    UNSURE_UNLESS_LABELLED = 3


@dataclass(frozen=True)
class Group:
    """A word that is true of all its members.

    Attributes:
        synonyms: Other wordings.
        members: Names the word is true of.
        core: Names whose exhaustive labels settle the absence of the whole group.
        unsure: Names of which it may be true.
        is_open: Objects outside the vocabulary belong to it as well.
    """

    synonyms: tuple[str, ...]
    members: frozenset[str]
    core: frozenset[str]
    unsure: frozenset[str]
    is_open: bool


@dataclass(frozen=True)
class Attribute:
    """A weak label of boxes and how it is put into words.

    Attributes:
        key: Key in the box's attributes.
        names: Names and groups that carry it.
        values: Values that make phrases.
        others: Values that only refute those.
        texts: Patterns with `{name}` and `{value}`.
        unsure: Pairs of values that are confused; none of a pair refutes the other.
    """

    key: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    others: tuple[str, ...]
    texts: tuple[str, ...]
    unsure: frozenset[frozenset[str]]


@dataclass(frozen=True)
class ContainmentRule:
    """Attribute values that an outer box gets from the one kind of inner box it contains."""

    outer: str
    key: str
    inner: Mapping[str, str]


@dataclass(frozen=True)
class Phrasebook:
    """Wordings and relations of names; names it does not list stand for themselves alone."""

    templates: tuple[str, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plurals: Mapping[str, str] = field(default_factory=dict)
    kind_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labelled_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overlapping: frozenset[str] = frozenset()
    presumed_absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    containment_rules: tuple[ContainmentRule, ...] = ()

    def wordings(self, name: str) -> tuple[str, ...]:
        """Return the name or group itself, then its synonyms."""
        group = self.groups.get(name)
        listed = self.synonyms.get(name, ()) + (group.synonyms if group else ())
        return name, *listed

    def plural(self, name: str) -> str:
        """Return the plural of a name or of one of its wordings."""
        return self.plurals.get(name) or _regular_plural(name)

    def wider(self, name: str) -> frozenset[str]:
        """Return every wider name and every group of a name."""
        names = {*self.kind_of.get(name, ())}
        for parent in self.kind_of.get(name, ()):
            names |= self.wider(parent)
        return frozenset(
            names | {word for word, group in self.groups.items() if name in group.members}
        )

    def relation(self, phrase: str, box_name: str) -> Relation:
        """Return the relation of a box named `box_name` to the name or group `phrase`."""
        group = self.groups.get(phrase)
        if phrase == box_name or (group and box_name in group.members):
            return Relation.MATCH
        if phrase in self.wider(box_name) or (group and box_name in group.unsure):
            return Relation.UNSURE
        if box_name in self.wider(phrase) or box_name in self.labelled_as.get(phrase, ()):
            return Relation.UNSURE_UNLESS_LABELLED
        if group and any(box_name in self.wider(member) for member in group.members):
            return Relation.UNSURE
        return Relation.UNRELATED

    def are_related(self, name: str, other: str) -> bool:
        """Return whether one object may be called by both names."""
        return bool(self.relation(name, other) or self.relation(other, name))

    def absence(self, name: str, exhaustive: Set[str], soft: Set[str] = frozenset()) -> float:
        """Return the weight with which a name or group is negative outside of its boxes.

        Args:
            name: Name or group.
            exhaustive: Names of which every object is boxed.
            soft: Names that are absent according to pseudo labels.

        Returns:
            Weight of the conclusion in [0, 1]; 0 where nothing is known.
        """
        if name in exhaustive:
            return 1.0
        group = self.groups.get(name)
        if group:
            if group.core <= exhaustive:
                return OPEN_GROUP_WEIGHT if group.is_open else 1.0
            return SOFT_WEIGHT if group.members <= exhaustive | soft else 0.0
        covering = self.labelled_as.get(name, ())
        is_covered = bool(covering) and exhaustive >= set(covering)
        if is_covered or any(word in exhaustive for word in self.wider(name) & self.groups.keys()):
            return COVERED_WEIGHT
        if name in soft:
            return SOFT_WEIGHT
        companions = self.presumed_absent.get(name)
        return (
            PRESUMED_WEIGHT if companions is not None and not exhaustive & set(companions) else 0.0
        )

    def overlaps(self, name: str) -> bool:
        """Return whether objects of a name or group share their place with other objects."""
        group = self.groups.get(name)
        return name in self.overlapping or bool(group and group.members & self.overlapping)


def load_phrasebook(path: Path = DEFAULT_PHRASES) -> Phrasebook:
    """Read a phrase file; the head of the shipped one explains its tables.

    Raises:
        DatasetError: If the file cannot be read or one wording belongs to two names.
    """
    try:
        document = read_toml(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DatasetError(f"cannot read phrases from {path}: {error}") from error
    try:
        book = _parse(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"phrases {path} lack or misplace {error}") from error
    _refuse_shared_wordings(book, path)
    return book


def _parse(document: Mapping[str, Any]) -> Phrasebook:
    return Phrasebook(
        templates=tuple(document.get("templates", ())),
        synonyms=_tuples(document.get("synonyms", {})),
        plurals=document.get("plurals", {}),
        kind_of=_tuples(document.get("kind_of", {})),
        labelled_as=_tuples(document.get("labelled_as", {})),
        overlapping=frozenset(document.get("overlaps", {}).get("names", ())),
        presumed_absent=_tuples(document.get("presumed_absent", {})),
        groups={word: _parse_group(table) for word, table in document.get("groups", {}).items()},
        values=_tuples(document.get("values", {})),
        attributes=tuple(_parse_attribute(table) for table in document.get("attributes", ())),
        containment_rules=tuple(
            ContainmentRule(table["outer"], table["key"], table["inner"])
            for table in document.get("containment", ())
        ),
    )


def _parse_group(table: Mapping[str, Any]) -> Group:
    members = frozenset(table["members"])
    return Group(
        synonyms=tuple(table.get("synonyms", ())),
        members=members,
        core=frozenset(table.get("core", members)),
        unsure=frozenset(table.get("unsure", ())),
        is_open=table.get("is_open", False),
    )


def _parse_attribute(table: Mapping[str, Any]) -> Attribute:
    return Attribute(
        key=table["key"],
        names=tuple(table["names"]),
        values=tuple(table["values"]),
        others=tuple(table.get("others", ())),
        texts=tuple(table["texts"]),
        unsure=frozenset(frozenset(pair) for pair in table.get("unsure", ())),
    )


def _tuples(table: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table.items()}


def _refuse_shared_wordings(book: Phrasebook, path: Path) -> None:
    owner: dict[str, str] = {}
    for name in dict.fromkeys((*book.synonyms, *book.groups)):
        for wording in book.wordings(name):
            other = owner.setdefault(wording, name)
            if other != name:
                raise DatasetError(
                    f"phrases {path}: {wording!r} is given to {other!r} and {name!r}"
                )


def _regular_plural(name: str) -> str:
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"
