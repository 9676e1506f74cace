"""SentenceParser: reads queries with conditions, and leaves all others to the plain parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import (
    JudgedConditions,
    RelationKind,
    RequiredGroup,
    RequiredState,
    StateKind,
)
from ovd.language.conditions.clauses import Clause, Clauses, split_clauses
from ovd.language.conditions.measures import group_size, split_duration, split_limit
from ovd.language.conditions.relations import RelationReader, uncoloured_names
from ovd.language.conditions.states import DEFAULT_S, fits_state, state_note
from ovd.language.conditions.words import ConditionWords, Link, load_condition_words
from ovd.language.grammar import Grammar
from ovd.language.korean.reader import KoreanReader
from ovd.language.parser import Parser, Reading, Refusal
from ovd.language.tokens import Words, split_words

CROWD = "crowd"
CROWD_SIZE = 5
_PERSON = "person"
_ABOUT_LENGTH = 60
# "안전모 미착용자" is one without a helmet, in one word.
_WEARER = re.compile("(미?착용)자들?$")


@dataclass(frozen=True)
class _Sentence:
    """The words of a query in English, and the duration it names."""

    words: Words
    for_s: float | None


class SentenceParser:
    """Parses query text for one detector; immutable once built.

    A text that the plain parser can read is its own; relations, states, groups and numbers are
    read where it refuses.
    """

    def __init__(
        self, parser: Parser, grammar: Grammar, korean: KoreanReader, judged: JudgedConditions
    ) -> None:
        """Extend a parser.

        Args:
            parser: Reads names, attributes, alternatives and exclusions.
            grammar: Function words.
            korean: Translates Korean.
            judged: The conditions that can be judged with the detector.
        """
        self._parser = parser
        self._grammar = grammar
        self._korean = korean
        self._judged = judged
        self._words: ConditionWords = load_condition_words()
        self._relations = RelationReader(parser, self._words, judged)

    @property
    def suggested(self) -> tuple[str, ...]:
        """Return queries with conditions that the detector can answer."""
        return tuple(
            text for text in self._words.suggested if isinstance(self.parse(text), Reading)
        )

    def parse_literally(self, text: str) -> Reading | Refusal:
        """Parse a text as one name; see `Parser.parse_literally`."""
        return self._parser.parse_literally(text)

    def parse(self, text: str) -> Reading | Refusal:
        """Parse a text that holds at least one visible character."""
        plain = self._parser.parse(text)
        if self._judged == JudgedConditions():
            return plain
        sentence = self._to_english(text)
        group = self._read_group(sentence) if sentence is not None else None
        if group is not None:
            return group
        if isinstance(plain, Reading):
            return plain
        for reading in self._read_conditions(text, sentence):
            if isinstance(reading, Reading) or reading.notes:
                return reading
        return plain

    def _read_conditions(
        self, text: str, sentence: _Sentence | None
    ) -> Iterator[Reading | Refusal]:
        """Yield readings in the order of preference; refusals without notes say nothing."""
        limited = self._read_limit(text)
        if limited is not None:
            yield limited
        if sentence is None:
            return
        words = self._without_framing(sentence.words)
        if words != sentence.words:
            yield _only_read(self._parser.parse(" ".join(words)))
        yield self._read_clauses(words, sentence.for_s)

    def _to_english(self, text: str) -> _Sentence | None:
        """Return the text in English; None where a Korean word is unknown."""
        rest, for_s = split_duration(" ".join(split_words(text)))
        words = split_words(_WEARER.sub(r"\1 사람", rest))
        if not words:
            return None
        english = self._korean.translate(words)
        if english is not None:
            words = split_words(english)
        return _Sentence(words, for_s)

    def _read_group(self, sentence: _Sentence) -> Reading | None:
        words = self._grammar.strip_stopwords(self._without_framing(sentence.words))
        least: int | None = CROWD_SIZE if self._words.alone.get(words) == CROWD else None
        if least is None:
            least = group_size(" ".join(words))
        person = self._parser.parse(_PERSON)
        readable = self._judged.groups and sentence.for_s is None
        if not readable or not isinstance(person, Reading) or least is None or least < 2:
            return None
        note = Note(NoteCode.CROWD, person.read_as, str(least))
        read_as = CROWD if least == CROWD_SIZE else f"group of {least} persons"
        return replace(
            person, read_as=read_as, notes=(note,), group=RequiredGroup(least, near=True)
        )

    def _read_limit(self, text: str) -> Reading | Refusal | None:
        """Read a number before a noun: a condition ("two people"), or one for an alert."""
        rest, for_s = split_duration(" ".join(split_words(text)))
        limit = split_limit(rest)
        if limit is None or limit.least < 1 or for_s is not None:
            return None
        counted = self.parse(limit.rest)
        if not isinstance(counted, Reading) or counted.group is not None:
            return _only_read(counted)
        if limit.compared:
            code = NoteCode.ALERT_BELOW if limit.fewer else NoteCode.ALERT_ABOVE
            threshold = limit.least if limit.fewer else limit.least - 1
            note = Note(code, counted.read_as, str(threshold))
            return replace(counted, notes=(*counted.notes, note))
        if limit.least == 1:
            return counted
        if not self._judged.groups:
            return None
        note = Note(NoteCode.AT_LEAST, counted.read_as, str(limit.least))
        return replace(
            counted,
            read_as=f"{limit.least} {self._plural(counted)}",
            notes=(*counted.notes, note),
            group=RequiredGroup(limit.least, near=False),
        )

    def _plural(self, counted: Reading) -> str:
        read_as = counted.read_as
        if counted.relations or counted.state is not None:
            return read_as
        return next(iter(self._grammar.plurals_of(read_as)), read_as)

    def _read_clauses(self, words: Words, for_s: float | None) -> Reading | Refusal:
        words = self._spelled_out(words)
        alone = self._words.alone.get(words)
        if alone is not None and alone != CROWD:
            found = Clauses((), (Clause(StateKind(alone), ()),))
        else:
            negated = self._negated_state(words)
            if negated:
                return Refusal((Note(NoteCode.NEGATED_STATE, negated),))
            split = self._split(words)
            if split is None:
                return self._read_without_clause(words, for_s)
            found = split
        subject, notes = self._read_subject(found.subject)
        if subject is None:
            return Refusal(())
        return self._combine(replace(subject, notes=(*subject.notes, *notes)), found, for_s)

    def _split(self, words: Words) -> Clauses | None:
        """Split off the clauses; one about the colour of clothes stays with its subject."""
        found = split_clauses(words, self._words)
        if found is None or len(found.clauses) < 2:
            return found
        for length in range(len(words) - 1, len(found.subject) + 1, -1):
            subject = words[:length]
            reading = self._parser.parse(" ".join(subject))
            if isinstance(reading, Reading) and reading.coloured:
                rest = split_clauses((_PERSON, *words[length:]), self._words)
                if rest is not None and rest.subject == (_PERSON,):
                    return Clauses(subject, rest.clauses)
        return found

    def _read_without_clause(self, words: Words, for_s: float | None) -> Refusal:
        """Return what is the matter: a duration of nothing, or a relation nothing can judge."""
        named = self._parser.parse(" ".join(words))
        if for_s is not None and isinstance(named, Reading):
            return Refusal((Note(NoteCode.DURATION_WITHOUT_STATE, named.read_as),))
        for at in range(1, len(words) - 1):
            for length in (3, 2, 1):
                before, after = words[:at], words[at + length :]
                if after and words[at : at + length] in self._words.unjudged_links:
                    other = self._parser.parse(" ".join(after))
                    if isinstance(other, Reading):
                        return Refusal((self._relations.not_judged(before, other.read_as),))
        return Refusal(())

    def _combine(self, reading: Reading, found: Clauses, for_s: float | None) -> Reading | Refusal:
        for clause in found.clauses:
            if isinstance(clause.marker, StateKind):
                added = self._add_state(reading, clause.marker, clause.words, for_s)
            else:
                added = self._relations.add_to(reading, clause.marker, clause.words)
            if isinstance(added, Refusal):
                return added
            reading = added
        if for_s is not None and reading.state is None:
            return Refusal((Note(NoteCode.DURATION_WITHOUT_STATE, reading.read_as),))
        return reading

    def _add_state(
        self, reading: Reading, kind: StateKind, words: Words, for_s: float | None
    ) -> Reading | Refusal:
        vehicles = self._words.objects["vehicles"]
        if kind is StateKind.STILL and vehicles.issuperset(uncoloured_names(reading)):
            kind = StateKind.STOPPED
        if kind is StateKind.SITTING and words[:1] == ("on",):
            ridden = self._relations.add_to(reading, Link(RelationKind.RIDES, False), words[1:])
            if isinstance(ridden, Reading) and ridden.relations[-1].kind is RelationKind.RIDES:
                return ridden
        if kind not in self._judged.states or reading.state is not None:
            return _not_judged((kind.value,))
        if not fits_state(kind, uncoloured_names(reading), self._words.objects):
            return Refusal((Note(NoteCode.STATE_OF_OTHERS, kind.value, reading.read_as),))
        lasting = DEFAULT_S[kind] if for_s is None else for_s
        duration = "" if lasting == DEFAULT_S[kind] else f" for {lasting:g} s"
        stated = replace(
            reading,
            read_as=f"{reading.read_as} {kind.value}{duration}",
            state=RequiredState(kind, lasting),
            notes=(*reading.notes, state_note(kind, lasting)),
        )
        return self._add_place(stated, words) if words else stated

    def _add_place(self, reading: Reading, words: Words) -> Reading | Refusal:
        """Read what follows a state: a place that is dropped, or a seat to be seen with it."""
        marked = self._words.marker_at(words, 0)
        rest = self._grammar.strip_stopwords(words[marked[1] if marked else 1 :] or words)
        if rest in self._words.places or rest[-1:] in self._words.places:
            note = Note(NoteCode.PLACE_NOT_JUDGED, " ".join(words))
            return replace(reading, notes=(*reading.notes, note))
        seat = self._parser.parse(" ".join(rest))
        if isinstance(seat, Reading) and marked is not None:
            kind = RelationKind.ON if words[0] == "on" else RelationKind.NEXT_TO
            return self._relations.add(reading, kind, False, seat)
        return _not_judged(words)

    def _read_subject(self, words: Words) -> tuple[Reading | None, tuple[Note, ...]]:
        words = self._grammar.strip_stopwords(words) if words else words
        alone = not words or (len(words) == 1 and words[0] in self._words.somebody)
        if alone or words in self._words.persons:
            person = self._parser.parse(_PERSON)
            about = () if alone else (Note(NoteCode.COUNTS_ALL, _PERSON, " ".join(words)),)
            return (person if isinstance(person, Reading) else None), about
        subject = self._parser.parse(" ".join(words))
        return (subject if isinstance(subject, Reading) else None), ()

    def _spelled_out(self, words: Words) -> Words:
        """Return the words with what a short form stands for: "helmetless cyclist"."""
        grammar, condition_words = self._grammar, self._words
        after: list[str] = []
        kept: list[str] = []
        for word in words:
            phrase = grammar.negated_adjectives.get(word)
            if phrase is None:
                kept.append(word)
            else:
                after += phrase
        for length in (2, 1):
            at = next(
                (
                    i
                    for i in range(len(kept) - length + 1)
                    if tuple(kept[i : i + length]) in condition_words.riders
                    and not (i and kept[i - 1] in grammar.postmodifier_markers)
                ),
                None,
            )
            if at is not None:
                clause = condition_words.riders[tuple(kept[at : at + length])]
                kept[at : at + length] = [_PERSON, *clause]
        return tuple(kept + after)

    def _negated_state(self, words: Words) -> str:
        for at in range(len(words)):
            for length in (3, 2):
                if words[at : at + length] in self._words.negated_states:
                    return " ".join(words[at : at + length])
        return ""

    def _without_framing(self, words: Words) -> Words:
        start = next((lead for lead in self._words.framing if words[: len(lead)] == lead), ())
        return words[len(start) :] if start and len(words) > len(start) else words


def _not_judged(words: Words) -> Refusal:
    return Refusal((Note(NoteCode.NOT_JUDGED, names=(" ".join(words)[:_ABOUT_LENGTH],)),))


def _only_read(result: Reading | Refusal) -> Reading | Refusal:
    return result if isinstance(result, Reading) else Refusal(())
