"""Index from phrases to the labels of one detector, built from the lexicon."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import ColouredPrompt
from ovd.language.grammar import Grammar, korean_singular
from ovd.language.lexicon import Concept, Group, Lexicon, RelatedTerms
from ovd.language.tokens import Words, key_of, phrase_key

_MAX_NEAR = 3
_CATCH_ALL = (
    "everything", "anything", "all things", "any thing", "all objects", "any object",
    "모든 것", "모든것들", "모든 물체", "모든 사물", "아무거나", "무엇이든", "뭐든지",
)  # fmt: skip


@dataclass(frozen=True)
class SupportedPhrase:
    """A phrase that the detector can count.

    Attributes:
        read_as: English reading; reading it again gives the same sense.
        prompts: Known names, each an alternative; at least one.
        notes: What to tell the operator.
        narrower: Whether the phrase named only some of what will count.
        coloured: Which of the prompts name a colour.
    """

    read_as: str
    prompts: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    narrower: bool = False
    coloured: tuple[ColouredPrompt, ...] = ()

    @property
    def is_group(self) -> bool:
        """Return whether the reading names several labels, which should then be listed."""
        return self.prompts != (self.read_as,)


@dataclass(frozen=True)
class UnsupportedPhrase:
    """A phrase with a known meaning that the detector has not learned.

    Attributes:
        read_as: English reading.
        suggestions: At most three known names to offer instead.
    """

    read_as: str
    suggestions: tuple[str, ...] = ()


PhraseMeaning = SupportedPhrase | UnsupportedPhrase
_Form = tuple[str, PhraseMeaning]


class LabelIndex:
    """Finds the meaning of phrases for one detector; immutable once built."""

    def __init__(self, lexicon: Lexicon, grammar: Grammar, known_names: Sequence[str]) -> None:
        """Build the index from the lexicon and the names of one detector.

        Args:
            lexicon: Concepts and their synonyms.
            grammar: Plurals and the words to ignore around a phrase.
            known_names: Names the detector has learned, in its own spelling and order.
        """
        self._grammar = grammar
        self._known = {phrase_key(name): name for name in reversed(known_names)}
        self._concepts = {concept.name: concept for concept in lexicon.concepts}
        self._groups = {group.name: group for group in lexicon.groups}
        forms = [
            *self._supported_forms(lexicon, known_names),
            *_catch_all_forms(known_names),
            *self._unsupported_forms(lexicon),
        ]
        self._by_key: dict[str, PhraseMeaning] = {}
        all_forms = [*forms, *self._wordnet_forms(lexicon)]
        for phrase, meaning in all_forms:
            self._by_key.setdefault(phrase_key(phrase), meaning)
        for phrase, meaning in all_forms:
            for plural in grammar.plurals_of(phrase):
                self._by_key.setdefault(phrase_key(plural), meaning)
        self._supported_words = tuple(
            {phrase: None for phrase, meaning in forms if self._reads_as(phrase, meaning)}
        )

    @property
    def supported_words(self) -> tuple[str, ...]:
        """Return every supported phrase in its basic form: known names first, then groups."""
        return self._supported_words

    def find(self, words: Words) -> PhraseMeaning | None:
        """Return the meaning of a whole phrase, ignoring articles and plural endings."""
        phrase = self._grammar.strip_stopwords(words)
        singular = tuple(korean_singular(word) for word in phrase)
        for form in (words, phrase, singular):
            meaning = self._by_key.get(key_of(form))
            if meaning is not None:
                return meaning
        return None

    def _reads_as(self, phrase: str, meaning: PhraseMeaning) -> bool:
        return isinstance(meaning, SupportedPhrase) and self._by_key[phrase_key(phrase)] is meaning

    def _supported_forms(self, lexicon: Lexicon, known_names: Sequence[str]) -> Iterator[_Form]:
        groups = [self._group_forms(group) for group in lexicon.groups]
        group_keys = {phrase_key(word) for forms in groups for word, _ in forms}
        concepts = {phrase_key(concept.name): concept for concept in lexicon.concepts}
        for name in known_names:
            key = phrase_key(name)
            if key not in group_keys:
                concept = concepts.get(key)
                yield name, SupportedPhrase(name, (name,), _usage_notes(concept) if concept else ())
        for forms in groups:
            yield from forms
        for concept in lexicon.concepts:
            known = self._known_name_of(concept)
            if known is not None:
                yield from _concept_forms(concept, known)

    def _group_forms(self, group: Group) -> tuple[_Form, ...]:
        prompts = self._learned(group)
        if not prompts:
            return ()
        own = SupportedPhrase(group.name, prompts)
        other = SupportedPhrase(group.name, prompts, (Note(NoteCode.READ_AS, group.name),))
        return tuple((word, own if word == group.name else other) for word in group.synonyms)

    def _learned(self, group: Group) -> tuple[str, ...]:
        """Return the known names of a group's members, preceded by the group's own if known."""
        own = (self._known[key] for key in map(phrase_key, group.synonyms) if key in self._known)
        members = (name for member in group.members for name in self._names_of(member))
        return tuple(dict.fromkeys((*own, *members)))

    def _names_of(self, member: str) -> tuple[str, ...]:
        if member in self._groups:
            return self._learned(self._groups[member])
        name = self._known_name_of(self._concepts[member])
        return () if name is None else (name,)

    def _known_name_of(self, concept: Concept) -> str | None:
        keys = map(phrase_key, (concept.name, *concept.words))
        return next((self._known[key] for key in keys if key in self._known), None)

    def _unsupported_forms(self, lexicon: Lexicon) -> Iterator[_Form]:
        for concept in lexicon.concepts:
            unsupported = UnsupportedPhrase(concept.name, self._suggestions(concept.suggestions))
            words = (
                *concept.synonyms,
                *(word for related in concept.related for word in _all_terms(related)),
            )
            yield from ((word, unsupported) for word in words)
        for group in lexicon.groups:
            unsupported = UnsupportedPhrase(group.name, self._suggestions(group.suggestions))
            yield from ((word, unsupported) for word in group.synonyms)
        for entry in lexicon.unsupported:
            suggestions = self._suggestions(entry.suggestions)
            yield from ((word, UnsupportedPhrase(word, suggestions)) for word in entry.words)
            yield from (
                (word, UnsupportedPhrase(entry.words[0], suggestions)) for word in entry.korean
            )

    def _wordnet_forms(self, lexicon: Lexicon) -> Iterator[_Form]:
        """Yield forms that only WordNet provides; they are understood, but not suggested."""
        for group in lexicon.wordnet:
            name = (
                self._known_name_of(self._concepts[group.name])
                if group.name in self._concepts
                else None
            )
            if name is None:
                continue
            synonym_meaning = SupportedPhrase(name, (name,), (Note(NoteCode.SYNONYM, name),))
            yield from ((word, synonym_meaning) for word in group.synonyms)
            for word in group.hyponyms:
                notes = (Note(NoteCode.KIND_OF, name), Note(NoteCode.COUNTS_ALL, name, word))
                yield word, SupportedPhrase(name, (name,), notes, narrower=True)

    def _suggestions(self, suggestions: tuple[str, ...]) -> tuple[str, ...]:
        names = (name for item in suggestions for name in self._names_of(item))
        return tuple(dict.fromkeys(names))[:_MAX_NEAR]


def _catch_all_forms(known_names: Sequence[str]) -> Iterator[_Form]:
    everything = SupportedPhrase(_CATCH_ALL[0], tuple(dict.fromkeys(known_names)))
    yield from ((phrase, everything) for phrase in _CATCH_ALL)


def _concept_forms(concept: Concept, name: str) -> Iterator[_Form]:
    read_as = Note(NoteCode.READ_AS, name)
    synonym_meaning = SupportedPhrase(name, (name,), (read_as, *_usage_notes(concept)))
    yield from ((word, synonym_meaning) for word in concept.synonyms)
    for related in concept.related:
        for word in _all_terms(related):
            usage_notes = _usage_notes(related) or (Note(NoteCode.COUNTS_ALL, name, word),)
            yield word, SupportedPhrase(name, (name,), (read_as, *usage_notes), related.narrower)


def _usage_notes(entry: Concept | RelatedTerms) -> tuple[Note, ...]:
    return (Note(NoteCode.USAGE, entry.note, entry.note_ko),) if entry.note else ()


def _all_terms(related: RelatedTerms) -> tuple[str, ...]:
    return (*related.words, *related.korean)
