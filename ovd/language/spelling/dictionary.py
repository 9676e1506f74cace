"""Dictionary of correct words, read from the English and Korean lists in `data/`.

A Korean noun followed by a derivational ending is a word too, as dictionaries leave many out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import IntEnum
from importlib import resources

from ovd.language.hangul import has_hangul

_ENGLISH_ENDINGS = (
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
_MIN_STEM_LETTERS = 3
_KOREAN_ENDINGS = (
    "꾼", "장이", "쟁이", "가", "공", "원", "사", "자", "복", "장", "실", "기", "차", "소", "대",
    "틀", "점", "관", "통", "함", "판", "화", "봉", "선", "등", "문", "용",
)  # fmt: skip
_MIN_KOREAN_SYLLABLES = 2
_FILES = ("real_words.txt", "english_words.txt", "korean_nouns.txt", "korean_dictionary.txt")


class Frequency(IntEnum):
    """The frequency of a word; OBSCURE ones are in large dictionaries only."""

    OBSCURE = -1
    RARE = 0
    SELDOM = 1
    USUAL = 2
    COMMON = 3


class Dictionary:
    """Recognises correct words; immutable once built."""

    def __init__(
        self, frequency_of: Mapping[str, Frequency], concrete_nouns: Collection[str] = ()
    ) -> None:
        """Index the words.

        Args:
            frequency_of: Frequency by word, in its basic form and lower case.
            concrete_nouns: Those that name visible objects.
        """
        self._frequency_of = dict(frequency_of)
        self._concrete_nouns = frozenset(concrete_nouns)

    @property
    def concrete_nouns(self) -> Mapping[str, Frequency]:
        """Return the frequency of each noun that names a visible object."""
        return {word: self._frequency_of[word] for word in self._concrete_nouns}

    def frequency_of(self, word: str) -> Frequency | None:
        """Return the frequency of a word, in any inflection; None if it is no word."""
        if word in self._frequency_of:
            return self._frequency_of[word]
        if any(all(map(self._is_listed_noun, parts)) for parts in _noun_splits(word)):
            return Frequency.OBSCURE
        return max(
            (self._frequency_of[stem] for stem in _stems(word) if stem in self._frequency_of),
            default=None,
        )

    def is_inflected(self, word: str) -> bool:
        """Return whether an English word is an inflection of another that is listed."""
        return any(stem in self._frequency_of for stem in _stems(word) if stem != word)

    def _is_listed_noun(self, word: str) -> bool:
        return self._frequency_of.get(word, Frequency.OBSCURE) > Frequency.OBSCURE

    def at_least(self, frequency: Frequency) -> tuple[str, ...]:
        """Return the words in their basic form with this frequency or a higher one."""
        return tuple(word for word, own in self._frequency_of.items() if own >= frequency)


def load_dictionary() -> Dictionary:
    """Load the English and Korean word lists that ship with the package."""
    frequency_of: dict[str, Frequency] = {}
    concrete_nouns: list[str] = []
    for name in _FILES:
        path = resources.files("ovd.language") / "data" / name
        for section, words in _sections(path.read_text(encoding="utf-8")):
            frequency, *kind = section.split()
            frequency_of.update(dict.fromkeys(words, Frequency[frequency.upper()]))
            concrete_nouns += words if kind else []
    return Dictionary(frequency_of, concrete_nouns)


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield name and words of each section that a line such as `[rare concrete]` begins."""
    for section in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        name, words = section.split("]", 1)
        yield name, words.split()


def _noun_splits(word: str) -> Iterator[tuple[str, ...]]:
    """Yield the splits of a Korean word into noun and ending, 나무-꾼, or two nouns, 형광-조끼."""
    if not has_hangul(word):
        return
    for ending in _KOREAN_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _MIN_KOREAN_SYLLABLES:
            yield (stem,)
    for cut in range(_MIN_KOREAN_SYLLABLES, len(word) - _MIN_KOREAN_SYLLABLES + 1):
        yield word[:cut], word[cut:]


def _stems(word: str) -> Iterator[str]:
    for ending, instead in _ENGLISH_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _MIN_STEM_LETTERS:
            yield stem + instead
            if not instead and stem[-1] == stem[-2]:
                yield stem[:-1]
