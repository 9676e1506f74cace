"""RelationReader: turns a clause such as "without a red helmet" into relations of a reading."""

from collections.abc import Sequence
from dataclasses import replace

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import JudgedConditions, RelationKind, RequiredRelation
from ovd.language.conditions.words import ConditionWords, Link
from ovd.language.parser import Parser, Reading, Refusal
from ovd.language.tokens import Words

_PERSON = "person"
_AND = frozenset({"and", "&", ",", "+"})
_POSITIVE = {
    RelationKind.WEARS: "wearing",
    RelationKind.CARRIES: "carrying",
    RelationKind.HOLDS: "holding",
    RelationKind.RIDES: "riding",
    RelationKind.RIDDEN_BY: "with rider",
    RelationKind.IN: "in",
    RelationKind.ON: "on",
    RelationKind.NEXT_TO: "next to",
}
_NEGATIVE = {
    RelationKind.WEARS: "not wearing",
    RelationKind.CARRIES: "not carrying",
    RelationKind.HOLDS: "not holding",
    RelationKind.RIDES: "not riding",
    RelationKind.RIDDEN_BY: "without rider",
    RelationKind.IN: "not in",
    RelationKind.ON: "not on",
    RelationKind.NEXT_TO: "not next to",
}
# What each kind may relate a person to, as the roles of `conditions.toml`.
_ROLES = {
    RelationKind.WEARS: ("head", "body"),
    RelationKind.CARRIES: ("carried",),
    RelationKind.HOLDS: ("carried",),
    RelationKind.RIDES: ("ridden",),
    RelationKind.IN: ("vehicles",),
}


class RelationReader:
    """Reads clauses about another object; immutable once built."""

    def __init__(self, parser: Parser, words: ConditionWords, judged: JudgedConditions) -> None:
        """Combine the parser of names with the words of relations.

        Args:
            parser: Reads the other object.
            words: Words of conditions.
            judged: The relations that can be judged.
        """
        self._parser = parser
        self._words = words
        self._judged = judged

    def add_to(self, reading: Reading, link: Link, words: Words) -> Reading | Refusal:
        """Return the reading with the relations of one clause, or why nothing can judge it.

        Args:
            reading: The subject, with the clauses before.
            link: What began the clause.
            words: The words after it.
        """
        parts = _split_objects(words)
        for part in parts:
            added = self._add_object(reading, link, part)
            if isinstance(added, Refusal):
                return added
            reading = added
        return reading if parts else Refusal(())

    def _add_object(self, reading: Reading, link: Link, words: Words) -> Reading | Refusal:
        rides = self._is_rider(reading, words)
        someone = rides or self._is_someone(words)
        other = self._parser.parse(_PERSON if someone else " ".join(words))
        if isinstance(other, Refusal):
            return other
        kind = RelationKind.RIDDEN_BY if rides else self._kind_of(link, reading, other)
        if kind is None:
            return Refusal((self.not_judged((reading.read_as,), other.read_as),))
        return self.add(reading, kind, link.negated, other)

    def add(
        self, reading: Reading, kind: RelationKind, negated: bool, other: Reading
    ) -> Reading | Refusal:
        """Return the reading with one more relation, or why nothing can judge that."""
        if kind not in self._judged.relations or other.excluded:
            return Refusal((self.not_judged((reading.read_as,), other.read_as),))
        names = uncoloured_names(other)
        opposites = (
            [] if other.coloured else [self._words.opposites.get(name, "") for name in names]
        )
        known = [name for name in opposites if self._knows(name)]
        relation = RequiredRelation(kind, other.prompts, negated, other.coloured, tuple(known))
        link = (_NEGATIVE if negated else _POSITIVE)[kind]
        named = "" if kind is RelationKind.RIDDEN_BY else f" {other.read_as}"
        joiner = " and " if reading.relations else " "
        note = self._note(reading, relation, other)
        return replace(
            reading,
            read_as=f"{reading.read_as}{joiner}{link}{named}",
            relations=(*reading.relations, relation),
            notes=(*reading.notes, *other.notes, note),
        )

    def _note(self, reading: Reading, relation: RequiredRelation, other: Reading) -> Note:
        about = reading.prompts[0] if len(reading.prompts) == 1 else reading.read_as
        if relation.negated:
            return Note(NoteCode.RELATION_NEGATED, about, other.read_as)
        return Note(NoteCode.RELATION, about, other.read_as)

    def _knows(self, name: str) -> bool:
        found = self._parser.parse(name) if name else None
        return isinstance(found, Reading) and found.prompts == (name,)

    def _is_rider(self, reading: Reading, words: Words) -> bool:
        ridden = self._words.objects["ridden"]
        return ridden.issuperset(uncoloured_names(reading)) and self._is_someone(words)

    def _is_someone(self, words: Words) -> bool:
        noun = [word for word in words if word not in ("a", "an", "the", "any", "its")]
        return len(noun) == 1 and noun[0] in self._words.drivers

    def _kind_of(self, link: Link, reading: Reading, other: Reading) -> RelationKind | None:
        """Return the kind of relation between two readings; None where nobody can judge it."""
        about_person = set(uncoloured_names(reading)) == {_PERSON}
        if link.kind is RelationKind.NEXT_TO:
            return RelationKind.NEXT_TO
        if not about_person:
            return None
        if link.kind is None:
            return self._kind_of_having(other)
        if link.kind is RelationKind.IN and self._is(other, "head", "body"):
            return RelationKind.WEARS
        if link.kind is RelationKind.RIDES and not self._is(other, "ridden"):
            inside = RelationKind.IN if self._is(other, "vehicles") else None
            return RelationKind.ON if self._is(other, "seats") else inside
        if link.kind is RelationKind.HOLDS and self._is(other, "head", "body"):
            return RelationKind.CARRIES
        if link.kind is RelationKind.WEARS and self._is(other, "carried"):
            return RelationKind.CARRIES
        return link.kind if self._is(other, *_ROLES[link.kind]) else None

    def _kind_of_having(self, other: Reading) -> RelationKind | None:
        if self._is(other, "head", "body"):
            return RelationKind.WEARS
        if self._is(other, "carried"):
            return RelationKind.CARRIES
        return RelationKind.NEXT_TO if self._is(other, "animals", "ridden") else None

    def _is(self, other: Reading, *roles: str) -> bool:
        named = frozenset().union(*(self._words.objects[role] for role in roles))
        return named.issuperset(uncoloured_names(other))

    def not_judged(self, subject: Words, other: str) -> Note:
        """Return that nothing can judge a relation, and what can be judged instead."""
        kinds = (_POSITIVE[kind] for kind in RelationKind if kind in self._judged.relations)
        return Note(NoteCode.RELATION_NOT_JUDGED, " ".join(subject)[:60], other, tuple(kinds))


def _split_objects(words: Words) -> Sequence[Words]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in _AND:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part]


def uncoloured_names(reading: Reading) -> tuple[str, ...]:
    """Return the names of a reading without the colours that they must have."""
    names = {item.prompt: item.name for item in reading.coloured}
    return tuple(dict.fromkeys(names.get(prompt, prompt) for prompt in reading.prompts))
