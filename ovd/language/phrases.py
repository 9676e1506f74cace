"""PhraseReader: reads queries for a model that can be asked for any noun phrase."""

from dataclasses import replace

from ovd.domain.notes import ENGLISH, Note, NoteCode
from ovd.domain.query import NOTHING_JUDGED, AttributeKind, JudgedConditions, Query
from ovd.domain.spelling import SpellingModel
from ovd.language.grammar import load_grammar
from ovd.language.hangul import has_hangul
from ovd.language.lexicon import load_lexicon
from ovd.language.reader import VocabularyReader
from ovd.language.tokens import Words, split_words

# What a text says that no phrase says: several things, or that something is not there.
_BLOCKING = frozenset(
    {
        NoteCode.SEVERAL,
        NoteCode.NOT_EXCLUDABLE,
        NoteCode.NOTHING_LEFT,
        NoteCode.NEGATED_STATE,
        NoteCode.DURATION_WITHOUT_STATE,
        NoteCode.STATE_OF_OTHERS,
    }
)
_KEPT = frozenset({NoteCode.TYPO, NoteCode.DID_YOU_MEAN, NoteCode.LISTED})
# Models of images and texts look past these words, and would find the opposite.
_NEGATIONS = frozenset(
    {"no", "not", "without", "except", "excluding", "but", "never", "none", "nobody", "nothing"}
)


def as_one_phrase(query: Query) -> str:
    """Return the words of an unsupported query that is one phrase; else an empty text."""
    words = split_words(query.read_as)
    if (
        query.supported
        or _BLOCKING.intersection(note.code for note in query.notes)
        or has_hangul(query.read_as)
        or _NEGATIONS.intersection(words)
    ):
        return ""
    grammar = load_grammar()
    phrase = grammar.strip_stopwords(words)
    joiners = grammar.or_words | grammar.and_words | grammar.commas
    return "" if joiners.intersection(phrase) else " ".join(phrase)


class PhraseReader:
    """Implements `ovd.domain.ports.QueryReader`.

    Typos, Korean, synonyms, colours, relations and states are read as for every detector; what
    is left is one phrase, which the model is asked for as it was typed. Immutable.
    """

    def __init__(
        self,
        default_min_score: float,
        attributes: frozenset[AttributeKind] = frozenset(),
        speller: SpellingModel | None = None,
        conditions: JudgedConditions = NOTHING_JUDGED,
    ) -> None:
        """Build the reader of names that the lexicon has.

        Args:
            default_min_score: Threshold in [0, 1] of queries that come without one.
            attributes: Kinds of attribute that are judged beside the model.
            speller: Learned corrector of typos; None for rules only.
            conditions: Relations, states and groups that are judged beside the model.
        """
        names = tuple(concept.name for concept in load_lexicon().concepts)
        self._names = VocabularyReader(
            names, default_min_score, attributes, True, speller, conditions
        )
        self._grammar = load_grammar()

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Read one query; see the port."""
        return self._as_phrase(self._names.read(text, min_score))

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        """Read queries separated by commas, semicolons or lines; see the port."""
        return tuple(map(self._as_phrase, self._names.read_many(text, min_score)))

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        """Return completions of names that the lexicon has; see the port."""
        return self._names.suggest(prefix, limit)

    def _as_phrase(self, query: Query) -> Query:
        """Return a query that no name answers as one of phrases, where it is that."""
        if query.supported or _BLOCKING.intersection(note.code for note in query.notes):
            return query
        words = split_words(query.read_as)
        if has_hangul(query.read_as) or _NEGATIONS.intersection(words):
            return query
        parts = self._split(words, self._grammar.or_words)
        for part in parts:
            several = self._split(part, self._grammar.and_words | self._grammar.commas)
            if len(several) > 1 and not all(map(self._grammar.is_modifier, several[0])):
                names = tuple(map(" ".join, several))
                return _with_notes(query, (Note(NoteCode.SEVERAL, names=names),))
        prompts = dict.fromkeys(prompt for part in parts for prompt in self._prompts_of(part))
        if not prompts:
            return query
        kept = tuple(note for note in query.notes if note.code in _KEPT)
        read_as = " or ".join(map(" ".join, parts))
        noted = _with_notes(query, (*kept, Note(NoteCode.PHRASE, read_as)))
        return replace(noted, read_as=read_as, prompts=tuple(prompts), supported=True)

    def _split(self, words: Words, joiners: frozenset[str]) -> list[Words]:
        """Return the phrases between joiners, without articles."""
        parts: list[list[str]] = [[]]
        for word in words:
            if word in joiners:
                parts.append([])
            else:
                parts[-1].append(word)
        stripped = (self._grammar.strip_stopwords(tuple(part)) for part in parts if part)
        return [part for part in stripped if part]

    def _prompts_of(self, part: Words) -> tuple[str, ...]:
        """Return the names of a phrase that is one, else the phrase."""
        named = self._names.read(" ".join(part))
        is_plain = named.supported and not named.coloured and not named.has_conditions
        return named.prompts if is_plain else (" ".join(part),)


def _with_notes(query: Query, notes: tuple[Note, ...]) -> Query:
    return replace(query, notes=notes, note=ENGLISH.describe(notes))
