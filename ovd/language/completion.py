"""Completion of a query that is being typed, English or Korean, slips and all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ovd.language.hangul import to_letters
from ovd.language.spelling.keyboard import typed_as_hangul, typed_as_latin
from ovd.language.tokens import key_of, phrase_key, split_words

_SHORTEST_MISSPELLED = 3
_TWO_SLIPS_FROM = 6


@dataclass(frozen=True)
class _Start:
    """A place where a phrase may begin to be typed: each of its words.

    Attributes:
        phrase: The phrase.
        letters: From that word on, without spaces.
        first: Whether it is the first word.
    """

    phrase: str
    letters: str
    first: bool


class Completion:
    """Knows the words to complete to; immutable once built."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words, the more likely ones first."""
        self._starts = tuple(start for word in words for start in _starts_of(word))

    def complete(self, prefix: str, limit: int) -> tuple[str, ...]:
        """At most `limit` words, the likeliest first.

        First those that begin with `prefix`, then those with a later word that does, then those
        that do on the other keyboard layout, then those that begin nearly so. Case, spaces and
        hyphens do not matter and a Hangul syllable may be half typed. An empty prefix gives the
        first words.
        """
        key = phrase_key(prefix)
        letters = to_letters(key)
        found = dict.fromkeys(self._beginning(letters))
        if len(found) < limit and len(letters) >= _SHORTEST_MISSPELLED:
            for other in (to_letters(typed_as_hangul(key)), typed_as_latin(key).lower()):
                if other != letters:
                    found.update(dict.fromkeys(self._beginning(other)))
        if not found and len(letters) >= _SHORTEST_MISSPELLED:
            found.update(dict.fromkeys(self._near(letters)))
        return tuple(found)[: max(limit, 0)]

    def _beginning(self, letters: str) -> Iterator[str]:
        begun = [start for start in self._starts if start.letters.startswith(letters)]
        yield from (start.phrase for start in begun if start.first)
        yield from (start.phrase for start in begun if not start.first)

    def _near(self, letters: str) -> list[str]:
        """Phrases whose beginning is a slip away, or two where much was typed; nearest first."""
        most = 2 if len(letters) >= _TWO_SLIPS_FROM else 1
        distances: dict[str, float] = {}
        for length in range(len(letters) - 1, len(letters) + 2):
            found = process.extract(
                letters,
                [start.letters[:length] for start in self._starts],
                scorer=OSA.distance,
                score_cutoff=most,
                limit=None,
            )
            for _, distance, index in found:
                phrase = self._starts[index].phrase
                later = 0.0 if self._starts[index].first else 0.5
                distances[phrase] = min(distances.get(phrase, most + 1), distance + later)
        return sorted(distances, key=lambda phrase: distances[phrase])


def _starts_of(phrase: str) -> Iterator[_Start]:
    words = split_words(phrase)
    for at in range(len(words)):
        yield _Start(phrase, to_letters(key_of(words[at:])), at == 0)
