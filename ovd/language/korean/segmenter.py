"""Segmentation of Korean text written without spaces, and the particles after its words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ovd.language.hangul import has_hangul, to_letters
from ovd.language.tokens import Words

_PARTICLE_VARIANTS = (
    ("을", "를"), ("과", "와"), ("이", "가"), ("은", "는"), ("으로", "로"), ("이나", "나"),
    ("이랑", "랑"),
)  # fmt: skip
_LONGEST_WORD = 9
_LONGEST_TEXT = 24


@dataclass(frozen=True)
class Segment:
    """A known word and the particle after it.

    Attributes:
        word: The known word.
        particle: As typed; empty if there was none.
    """

    word: str
    particle: str = ""


class Segmenter:
    """Splits Korean text without spaces into known words; immutable once built."""

    def __init__(
        self, words: Collection[str], prenominal: Collection[str], particles: Sequence[str]
    ) -> None:
        """Index the known words.

        Args:
            words: Known words: nouns, adjectives, verbs.
            prenominal: Those of them that come before the noun they modify.
            particles: Endings that do not change the meaning of a query.
        """
        self._words = frozenset(words)
        self._describing = frozenset(prenominal)
        self._particles = tuple(sorted(particles, key=len, reverse=True))

    def match(self, text: str) -> Segment | None:
        """Return the known word that a text is, with or without a particle; None if it is none."""
        if text in self._words:
            return Segment(text)
        for particle in self._particles:
            stem = text.removesuffix(particle)
            if stem != text and stem in self._words:
                return Segment(stem, particle)
        return None

    def strip_particle(self, word: str) -> Segment:
        """Return the word, known or not, without what looks like a particle.

        The stem keeps at least two syllables.
        """
        for particle in self._particles:
            stem = word.removesuffix(particle)
            if stem != word and len(stem) > 1:
                return Segment(stem, particle)
        return Segment(word)

    def split_words(self, word: str) -> Words | None:
        """Return the words of `segment`, without particles."""
        segments = self.segment(word)
        return None if segments is None else tuple(segment.word for segment in segments)

    def segment(self, text: str) -> tuple[Segment, ...] | None:
        """Return the fewest known words that make up the text; None if there are none.

        A word of one syllable is accepted only after a prenominal word; otherwise almost any text
        could be split into such words.
        """
        if not has_hangul(text) or len(text) > _LONGEST_TEXT:
            return None
        whole = self.match(text)
        return self._segment(text, "") if whole is None else (whole,)

    def _segment(self, text: str, before: str) -> tuple[Segment, ...] | None:
        whole = self.match(text)
        if whole is not None and self._may_follow(whole, before):
            return (whole,)
        best: tuple[Segment, ...] | None = None
        for length in range(min(len(text) - 1, _LONGEST_WORD), 0, -1):
            first = self.match(text[:length])
            if first is None or not self._may_follow(first, before):
                continue
            rest = self._segment(text[length:], first.word)
            if rest is not None and (best is None or len(rest) + 1 < len(best)):
                best = (first, *rest)
        return best

    def _may_follow(self, segment: Segment, before: str) -> bool:
        return len(segment.word) > 1 or before in self._describing


def with_particle(word: str, particle: str) -> str:
    """Return the word with the particle in the form its last sound needs: 차를, but 컵을."""
    for after_consonant, after_vowel in _PARTICLE_VARIANTS:
        if particle in (after_consonant, after_vowel):
            closed = to_letters(word)[-1:] < "ㅏ"
            return word + (after_consonant if closed else after_vowel)
    return word + particle
