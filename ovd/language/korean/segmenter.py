"""Korean words that are written together, and the particles that follow them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ovd.language.hangul import has_hangul, to_letters
from ovd.language.tokens import Words

_BY_SOUND = (
    ("을", "를"), ("과", "와"), ("이", "가"), ("은", "는"), ("으로", "로"), ("이나", "나"),
    ("이랑", "랑"),
)  # fmt: skip
_LONGEST_WORD = 9
_LONGEST_TEXT = 24


@dataclass(frozen=True)
class Piece:
    """A known word and the particle that followed it.

    Attributes:
        word: As it is known.
        particle: As it was typed; empty where there was none.
    """

    word: str
    particle: str = ""


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

    def piece(self, text: str) -> Piece | None:
        """The known word that a text is, with or without a particle; None if it is none."""
        if text in self._words:
            return Piece(text)
        for particle in self._particles:
            stem = text.removesuffix(particle)
            if stem != text and stem in self._words:
                return Piece(stem, particle)
        return None

    def bare(self, word: str) -> Piece:
        """The word and what looks like its particle, known or not; never shorter than two."""
        for particle in self._particles:
            stem = word.removesuffix(particle)
            if stem != word and len(stem) > 1:
                return Piece(stem, particle)
        return Piece(word)

    def split(self, word: str) -> Words | None:
        """The words of `pieces`, particles dropped."""
        pieces = self.pieces(word)
        return None if pieces is None else tuple(piece.word for piece in pieces)

    def pieces(self, text: str) -> tuple[Piece, ...] | None:
        """The fewest known words that make up the text; None if none do.

        A word of one syllable counts only behind a describing word: too much could be made of
        such words otherwise.
        """
        if not has_hangul(text) or len(text) > _LONGEST_TEXT:
            return None
        whole = self.piece(text)
        return self._pieces(text, "") if whole is None else (whole,)

    def _pieces(self, text: str, before: str) -> tuple[Piece, ...] | None:
        whole = self.piece(text)
        if whole is not None and self._may_follow(whole, before):
            return (whole,)
        best: tuple[Piece, ...] | None = None
        for length in range(min(len(text) - 1, _LONGEST_WORD), 0, -1):
            first = self.piece(text[:length])
            if first is None or not self._may_follow(first, before):
                continue
            rest = self._pieces(text[length:], first.word)
            if rest is not None and (best is None or len(rest) + 1 < len(best)):
                best = (first, *rest)
        return best

    def _may_follow(self, piece: Piece, before: str) -> bool:
        return len(piece.word) > 1 or before in self._describing


def with_particle(word: str, particle: str) -> str:
    """The word and the particle in the form that its last sound asks for: 차 takes 를, 컵 을."""
    for after_consonant, after_vowel in _BY_SOUND:
        if particle in (after_consonant, after_vowel):
            closed = to_letters(word)[-1:] < "ㅏ"
            return word + (after_consonant if closed else after_vowel)
    return word + particle
