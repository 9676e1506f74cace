"""English words that are no misspellings, read from `data/real_words.txt`."""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from importlib import resources

_PLAIN_ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ves", "f"),
    ("ves", "fe"),
    ("ed", ""),
    ("ed", "e"),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("er", ""),
    ("er", "e"),
    ("ers", ""),
    ("ers", "e"),
    ("est", ""),
    ("ly", ""),
)
_SHORTEST_STEM = 3


class Use(IntEnum):
    """How often a word is used."""

    RARE = 0
    SELDOM = 1
    USUAL = 2
    COMMON = 3


class RealWords:
    """Tells words from misspellings; immutable once built."""

    def __init__(self, use_of: Mapping[str, Use]) -> None:
        """Take the words in their basic form, lower case."""
        self._use_of = dict(use_of)

    def use_of(self, word: str) -> Use | None:
        """How often the word is used, in any inflection; None if it is no word."""
        if word in self._use_of:
            return self._use_of[word]
        return max(
            (self._use_of[stem] for stem in _stems(word) if stem in self._use_of), default=None
        )

    def at_least(self, use: Use) -> tuple[str, ...]:
        """Words in their basic form that are used so often or more."""
        return tuple(word for word, own in self._use_of.items() if own >= use)


def load_real_words() -> RealWords:
    """Read the data file that ships with the package."""
    path = resources.files("ovd.language") / "data" / "real_words.txt"
    use_of: dict[str, Use] = {}
    use = Use.RARE
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            use = Use[line.strip("[]").upper()]
        elif not line.startswith("#"):
            use_of.update(dict.fromkeys(line.split(), use))
    return RealWords(use_of)


def _stems(word: str) -> Iterator[str]:
    for ending, instead in _PLAIN_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            yield stem + instead
            if not instead and stem[-1] == stem[-2]:
                yield stem[:-1]
