"""Words that are no misspellings, read from `data/real_words.txt` and the Korean lists there.

Korean nouns that are made of another and an ending are words too, as dictionaries leave many out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import IntEnum
from importlib import resources

from ovd.language.hangul import has_hangul

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
_KOREAN_ENDINGS = (
    "꾼", "장이", "쟁이", "가", "공", "원", "사", "자", "복", "장", "실", "기", "차", "소", "대",
    "틀", "점", "관", "통", "함", "판", "화", "봉", "선", "등", "문", "용",
)  # fmt: skip
_SHORTEST_KOREAN_PART = 2
_FILES = ("real_words.txt", "korean_nouns.txt", "korean_dictionary.txt")


class Use(IntEnum):
    """How often a word is used; obscure ones stand in large dictionaries only."""

    OBSCURE = -1
    RARE = 0
    SELDOM = 1
    USUAL = 2
    COMMON = 3


class RealWords:
    """Tells words from misspellings; immutable once built."""

    def __init__(self, use_of: Mapping[str, Use], things: Collection[str] = ()) -> None:
        """Take the words in their basic form, lower case; `things` are those that can be seen."""
        self._use_of = dict(use_of)
        self._things = frozenset(things)

    @property
    def things(self) -> Mapping[str, Use]:
        """How often those that can be seen are used."""
        return {word: self._use_of[word] for word in self._things}

    def use_of(self, word: str) -> Use | None:
        """How often the word is used, in any inflection; None if it is no word."""
        if word in self._use_of:
            return self._use_of[word]
        if any(all(map(self._is_usual, parts)) for parts in _nouns_in(word)):
            return Use.OBSCURE
        return max(
            (self._use_of[stem] for stem in _stems(word) if stem in self._use_of), default=None
        )

    def _is_usual(self, word: str) -> bool:
        return self._use_of.get(word, Use.OBSCURE) > Use.OBSCURE

    def at_least(self, use: Use) -> tuple[str, ...]:
        """Words in their basic form that are used so often or more."""
        return tuple(word for word, own in self._use_of.items() if own >= use)


def load_real_words() -> RealWords:
    """Read the data files that ship with the package, English and Korean."""
    use_of: dict[str, Use] = {}
    things: list[str] = []
    for name in _FILES:
        path = resources.files("ovd.language") / "data" / name
        for section, words in _sections(path.read_text(encoding="utf-8")):
            use, *kind = section.split()
            use_of.update(dict.fromkeys(words, Use[use.upper()]))
            things += words if kind else []
    return RealWords(use_of, things)


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Name and words of each section that a line such as `[rare things]` begins."""
    for section in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        name, words = section.split("]", 1)
        yield name, words.split()


def _nouns_in(word: str) -> Iterator[tuple[str, ...]]:
    """Ways to take a Korean word for a noun with an ending, 나무-꾼, or for two, 형광-조끼."""
    if not has_hangul(word):
        return
    for ending in _KOREAN_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_KOREAN_PART:
            yield (stem,)
    for cut in range(_SHORTEST_KOREAN_PART, len(word) - _SHORTEST_KOREAN_PART + 1):
        yield word[:cut], word[cut:]


def _stems(word: str) -> Iterator[str]:
    for ending, instead in _PLAIN_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            yield stem + instead
            if not instead and stem[-1] == stem[-2]:
                yield stem[:-1]
