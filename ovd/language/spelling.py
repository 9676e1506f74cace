"""Words that look like what was typed: offered to the user, never put in its place."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ovd.language.hangul import to_letters
from ovd.language.phrases import Words, key_of, phrase_key

_MAX_OFFERS = 3
_ONE_SLIP_FROM = 4
_TWO_SLIPS_FROM = 7
_MAX_SLIPS = 2


class Spelling:
    """Knows how the supported words are spelled; immutable once built."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words to offer, the more likely ones first."""
        self._words = tuple(words)
        self._letters = tuple(to_letters(phrase_key(word)) for word in words)

    def offers(self, typed: Words) -> tuple[str, ...]:
        """At most three words from which a slip or two make `typed`, nearest first.

        Slips are letters left out, added, exchanged or swapped with their neighbour; Hangul is
        compared by letters. Short words get no offer: too many differ by one letter only.
        """
        letters = to_letters(key_of(typed))
        if _allowed_slips(letters) == 0:
            return ()
        found = process.extract(
            letters, self._letters, scorer=OSA.distance, score_cutoff=_MAX_SLIPS, limit=None
        )
        near = sorted(
            (slips, index) for word, slips, index in found if _is_likely(letters, word, slips)
        )
        return tuple(self._words[index] for _, index in near[:_MAX_OFFERS])


def _is_likely(typed: str, word: str, slips: float) -> bool:
    """Whether `typed` is more likely a slip than another real word, judged by length alone."""
    if slips > min(_allowed_slips(typed), _allowed_slips(word)):
        return False
    if slips == _MAX_SLIPS:
        return typed[0] == word[0]
    other_letter = len(typed) == len(word) and sorted(typed) != sorted(word)
    return len(typed) > _ONE_SLIP_FROM or not other_letter


def _allowed_slips(letters: str) -> int:
    if len(letters) < _ONE_SLIP_FROM:
        return 0
    return 1 if len(letters) < _TWO_SLIPS_FROM else _MAX_SLIPS
