"""Reading of query text as a `Query` for one detector."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from ovd.domain.notes import ENGLISH, Note, NoteCode
from ovd.domain.query import NOTHING_JUDGED, AttributeKind, JudgedConditions, Query
from ovd.domain.spelling import SpellingModel
from ovd.errors import QueryError
from ovd.language.completion import Completion
from ovd.language.conditions.sentence_parser import SentenceParser
from ovd.language.grammar import load_grammar
from ovd.language.korean.lexicon import load_korean_grammar, merge_readings
from ovd.language.korean.reader import KoreanReader
from ovd.language.label_index import LabelIndex
from ovd.language.lexicon import load_lexicon
from ovd.language.parser import Parser, Reading, Refusal
from ovd.language.query_syntax import parse_query_parts, split_queries
from ovd.language.spelling.corrector import Correction, Corrector
from ovd.language.spelling.dictionary import load_dictionary
from ovd.language.spelling.word_index import build_word_index
from ovd.language.tokens import phrase_key, split_as_typed, split_words, strip_invisible

MAX_TEXT_LENGTH = 200
# Words between the names of a list.
_JOINING = frozenset({"and", "&"})
MAX_QUERIES = 100

_MAX_QUOTED_LENGTH = 60

_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class VocabularyReader:
    """Reads queries for a detector that has learned a list of names.

    Implements `ovd.domain.ports.QueryReader`. A text that means something else than the names is
    refused with a note, never counted as something near. Immutable; safe to share between threads.
    """

    def __init__(
        self,
        known_names: Sequence[str],
        default_min_score: float,
        attributes: frozenset[AttributeKind] = frozenset(),
        open_vocabulary: bool = False,
        speller: SpellingModel | None = None,
        conditions: JudgedConditions = NOTHING_JUDGED,
    ) -> None:
        """Build the indexes for one detector.

        Args:
            known_names: Names that the detector has learned; prompts are taken from these.
            default_min_score: Threshold in [0, 1] of queries that come without one.
            attributes: Kinds of attribute the detector can judge; "red car" becomes a prompt of a
                detector that judges colours, and is refused for others.
            open_vocabulary: Whether the detector can be asked for names beyond the known ones, so
                that words in quotes may be any.
            speller: Learned corrector for typos that rules cannot decide; None for none.
            conditions: Relations, states and groups that can be judged with the detector.

        Raises:
            ValueError: If there is no name.
            QueryError: If the threshold is outside [0, 1].
        """
        if not known_names:
            raise ValueError("known_names must hold at least one name")
        _require_score(default_min_score)
        grammar = load_grammar()
        lexicon = load_lexicon()
        label_index = LabelIndex(lexicon, grammar, known_names)
        self._default_min_score = default_min_score
        readings = merge_readings(lexicon)
        korean = KoreanReader(grammar, load_korean_grammar(), readings)
        parser = Parser(label_index, grammar, korean, known_names, attributes, open_vocabulary)
        self._parser = SentenceParser(parser, grammar, korean, conditions)
        self._lexicon, self._grammar, self._korean = lexicon, grammar, korean
        self._known_names, self._speller = tuple(known_names), speller
        self._supported_words = label_index.supported_words

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Read one query.

        Args:
            text: What was typed. It may end in a threshold of its own, as in "car >0.5", and may
                stand in quotes, to be taken literally.
            min_score: Threshold of a query without one of its own; None takes the detector's.

        Raises:
            QueryError: If the text is blank, has more than 200 characters or holds control
                characters, or a threshold is outside [0, 1], or there are two.
        """
        score = self._default_min_score if min_score is None else min_score
        _require_score(score)
        query_text = _require_text(text)
        parts = parse_query_parts(query_text)
        score = score if parts.min_score is None else parts.min_score
        if parts.literal:
            result = self._parser.parse_literally(parts.words)
        else:
            result = self._parse_with_correction(parts.words)
        note = ENGLISH.describe(result.notes)
        if isinstance(result, Reading):
            prompts, excluded = result.prompts, result.excluded
            return Query(
                query_text, result.read_as, prompts, excluded, score, True, note, result.notes,
                coloured=result.coloured, relations=result.relations, state=result.state,
                group=result.group,
            )  # fmt: skip
        read_as = result.read_as or parts.words
        return Query(query_text, read_as, (), (), score, False, note, result.notes)

    def correct(self, text: str) -> tuple[str, ...]:
        """Return corrections of a text that holds a typo, the likeliest first.

        One correction is certain, and `read` uses it; several are only offered. None means that the
        text stays as typed. Words come in lower case, with single spaces.
        """
        correction = self._correct(text[:MAX_TEXT_LENGTH])
        return () if correction is None else tuple(map(" ".join, correction.options))

    @cached_property
    def _completion(self) -> Completion:
        """Return the completion, built when something is typed first."""
        return Completion((*self._supported_words, *self._parser.suggested))

    @cached_property
    def _corrector(self) -> Corrector:
        """Return the corrector, built for the first text with a typo: its index takes long."""
        dictionary = load_dictionary()
        word_index = build_word_index(
            self._lexicon,
            self._grammar,
            self._known_names,
            self._korean.vocabulary,
            dictionary.concrete_nouns,
        )
        return Corrector(word_index, dictionary, self._korean.segmenter, self._speller)

    def _correct(self, text: str) -> Correction | None:
        return self._corrector.correct(split_words(text), split_as_typed(text))

    def _parse_with_correction(self, query_text: str) -> Reading | Refusal:
        result = self._parser.parse(query_text)
        if isinstance(result, Reading):
            return result
        correction = self._correct(query_text)
        if correction is None:
            return result
        if not correction.certain:
            offers = Note(NoteCode.DID_YOU_MEAN, names=tuple(map(" ".join, correction.options)))
            return replace(result, notes=(*result.notes, offers))
        corrected_text = " ".join(correction.options[0])
        corrected = self._parser.parse(corrected_text)
        typo = Note(NoteCode.TYPO, _shortened(query_text), corrected_text)
        return replace(
            corrected, read_as=corrected.read_as or corrected_text, notes=(typo, *corrected.notes)
        )

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        """Read queries that are separated by commas, semicolons or line ends, in order.

        Blank parts are skipped; of parts that differ in case and spaces only, the first is read.

        Raises:
            QueryError: If no part holds text, there are more than 100, or one cannot be read.
        """
        parts: dict[str, str] = {}
        for part in split_queries(text):
            if strip_invisible(part).strip():
                parts.setdefault("".join(part.casefold().split()), part)
        if not parts:
            raise QueryError('no query was typed; type what to count, such as "person, car"')
        if len(parts) > MAX_QUERIES:
            raise QueryError(
                f"at most {MAX_QUERIES} queries can be read at once, got {len(parts)}; remove some"
            )
        found = {
            phrase_key(query.text): query
            for part in parts.values()
            for query in self._read_list(part, min_score)
        }
        return tuple(found.values())

    def _read_list(self, text: str, min_score: float | None) -> tuple[Query, ...]:
        """Read one query, or each of those that "and" joins; a note says so then."""
        query = self.read(text, min_score)
        names = next((note.names for note in query.notes if note.code is NoteCode.SEVERAL), ())
        if query.supported or not _is_plain_list(query.text, names):
            return (query,)
        listed = Note(NoteCode.LISTED, query.text, str(len(names)))
        each = [self.read(name, query.min_score) for name in names]
        return tuple(
            replace(one, notes=(*one.notes, listed), note=ENGLISH.describe((*one.notes, listed)))
            for one in each
        )

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        """Return supported words that complete `prefix`, English or Korean."""
        if len(prefix) > MAX_TEXT_LENGTH:
            return ()
        return self._completion.complete(prefix, limit)


def _shortened(text: str) -> str:
    return f"{text[:_MAX_QUOTED_LENGTH]}…" if len(text) > _MAX_QUOTED_LENGTH else text


def _require_text(text: str) -> str:
    query_text = text.strip()
    if len(query_text) > MAX_TEXT_LENGTH:
        raise QueryError(
            f"a query has at most {MAX_TEXT_LENGTH} characters, got {len(query_text)}; type less, "
            "or separate queries by commas"
        )
    if any(_is_control(char) for char in query_text):
        raise QueryError("a query holds control characters; type it as plain text on one line")
    if not phrase_key(query_text):
        raise QueryError('a query needs a word; type what to count, such as "person"')
    return query_text


def _is_control(char: str) -> bool:
    return char in _BIDI_CONTROLS or unicodedata.category(char) in _CONTROL_CATEGORIES


def _require_score(min_score: float) -> None:
    if not 0.0 <= min_score <= 1.0:
        raise QueryError(f"a threshold is a number from 0 to 1, got {min_score}")


def _is_plain_list(text: str, names: tuple[str, ...]) -> bool:
    """Return whether a text says nothing but these names; "black and white cat" says more."""
    words = [word for name in names for word in split_words(name)]
    typed = list(split_words(text))
    if any(word.isascii() for word in typed):
        left = [word for word in typed if word not in _JOINING]
        return bool(names) and sorted(left) == sorted(words)
    return len(set(names)) > 1 and len(typed) == len(words)
