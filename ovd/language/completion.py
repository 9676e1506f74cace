"""Completion of a word that is being typed, English or Korean."""

from collections.abc import Sequence

from ovd.language.hangul import to_letters
from ovd.language.phrases import key_of, phrase_key, split_words


class Completion:
    """Knows the words to complete to; immutable once built."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words, the more likely ones first."""
        self._starts = tuple((word, _starts_of(word)) for word in words)

    def complete(self, prefix: str, limit: int) -> tuple[str, ...]:
        """At most `limit` words that begin with `prefix`, then those with a later word that does.

        Case, spaces and hyphens do not matter and a Hangul syllable may be half typed. An empty
        prefix gives the first words.
        """
        letters = to_letters(phrase_key(prefix))
        begin = [word for word, starts in self._starts if starts[0].startswith(letters)]
        inside = [
            word
            for word, starts in self._starts
            if any(start.startswith(letters) for start in starts[1:])
        ]
        return tuple(dict.fromkeys(begin + inside))[: max(limit, 0)]


def _starts_of(phrase: str) -> tuple[str, ...]:
    """The letters of the phrase from each of its words on."""
    words = split_words(phrase)
    return tuple(to_letters(key_of(words[start:])) for start in range(len(words)))
