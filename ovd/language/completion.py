"""Completion of a query while it is typed, English or Korean, tolerant of typos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ovd.language.hangul import to_letters
from ovd.language.spelling.keyboard import typed_as_hangul, typed_as_latin
from ovd.language.tokens import key_of, phrase_key, split_words

_MIN_LETTERS_FOR_TYPOS = 3
_TWO_EDITS_FROM = 6


@dataclass(frozen=True)
class _WordStart:
    """A position in a phrase at which typing may begin: the start of one of its words.

    Attributes:
        phrase: The phrase.
        letters: From that word on, without spaces.
        first: Whether it is the first word.
    """

    phrase: str
    letters: str
    first: bool


class Completion:
    """Completes text to known words; immutable once built."""

    def __init__(self, words: Sequence[str]) -> None:
        """Index the words.

        Args:
            words: Words and phrases to complete to, the more likely ones first.
        """
        self._starts = tuple(start for word in words for start in _word_starts(word))

    def complete(self, prefix: str, limit: int) -> tuple[str, ...]:
        """Return at most `limit` words that complete `prefix`, the likeliest first.

        The order is: words that begin with `prefix`; phrases in which a later word does; the same
        for the text that these keys give on the other keyboard layout; words whose beginning is one
        or two edits away. Case, spaces and hyphens do not matter, and a Hangul syllable may be
        incomplete. An empty prefix gives the first words.
        """
        key = phrase_key(prefix)
        letters = to_letters(key)
        found = dict.fromkeys(self._with_prefix(letters))
        if len(found) < limit and len(letters) >= _MIN_LETTERS_FOR_TYPOS:
            for other in (to_letters(typed_as_hangul(key)), typed_as_latin(key).lower()):
                if other != letters:
                    found.update(dict.fromkeys(self._with_prefix(other)))
        if not found and len(letters) >= _MIN_LETTERS_FOR_TYPOS:
            found.update(dict.fromkeys(self._with_typos(letters)))
        return tuple(found)[: max(limit, 0)]

    def _with_prefix(self, letters: str) -> Iterator[str]:
        matches = [start for start in self._starts if start.letters.startswith(letters)]
        yield from (start.phrase for start in matches if start.first)
        yield from (start.phrase for start in matches if not start.first)

    def _with_typos(self, letters: str) -> list[str]:
        """Return phrases whose beginning is within one or two edits of the text, nearest first."""
        max_distance = 2 if len(letters) >= _TWO_EDITS_FROM else 1
        distances: dict[str, float] = {}
        for length in range(len(letters) - 1, len(letters) + 2):
            found = process.extract(
                letters,
                [start.letters[:length] for start in self._starts],
                scorer=OSA.distance,
                score_cutoff=max_distance,
                limit=None,
            )
            for _, distance, index in found:
                phrase = self._starts[index].phrase
                later = 0.0 if self._starts[index].first else 0.5
                distances[phrase] = min(distances.get(phrase, max_distance + 1), distance + later)
        return sorted(distances, key=lambda phrase: distances[phrase])


def _word_starts(phrase: str) -> Iterator[_WordStart]:
    words = split_words(phrase)
    for at in range(len(words)):
        yield _WordStart(phrase, to_letters(key_of(words[at:])), at == 0)
