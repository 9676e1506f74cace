"""Korean words that are written together, and the particles that follow them."""

from collections.abc import Collection, Sequence

from ovd.language.hangul import has_hangul
from ovd.language.phrases import Words

_LONGEST_WORD = 9
_LONGEST_TEXT = 24


class Joined:
    """Takes Korean text without spaces apart; immutable once built."""

    def __init__(
        self, words: Collection[str], describing: Collection[str], particles: Sequence[str]
    ) -> None:
        """Take what text can be made of.

        Args:
            words: Words that name or describe something.
            describing: Those of them that stand before what they describe.
            particles: Endings without a meaning of their own here.
        """
        self._words = frozenset(words)
        self._describing = frozenset(describing)
        self._particles = tuple(sorted(particles, key=len, reverse=True))

    def stem(self, word: str) -> str:
        """A known word without its particle; other words stay as they are."""
        if word in self._words:
            return word
        for particle in self._particles:
            stem = word.removesuffix(particle)
            if stem != word and stem in self._words:
                return stem
        return word

    def bare(self, word: str) -> str:
        """The word without what looks like a particle, known or not; never shorter than two."""
        for particle in self._particles:
            stem = word.removesuffix(particle)
            if stem != word and len(stem) > 1:
                return stem
        return word

    def split(self, word: str) -> Words | None:
        """The fewest known words that make up the text, particles dropped; None if none do.

        A word of one syllable counts only behind a describing word: too much could be made of
        such words otherwise.
        """
        if not has_hangul(word) or len(word) > _LONGEST_TEXT:
            return None
        if self.stem(word) in self._words:
            return (self.stem(word),)
        return self._split(word, "")

    def _split(self, text: str, before: str) -> Words | None:
        stem = self.stem(text)
        if stem in self._words and self._may_follow(stem, before):
            return (stem,)
        best: Words | None = None
        for length in range(min(len(text) - 1, _LONGEST_WORD), 0, -1):
            piece = self.stem(text[:length])
            if piece not in self._words or not self._may_follow(piece, before):
                continue
            rest = self._split(text[length:], piece)
            if rest is not None and (best is None or len(rest) + 1 < len(best)):
                best = (piece, *rest)
        return best

    def _may_follow(self, piece: str, before: str) -> bool:
        return len(piece) > 1 or before in self._describing
