"""Misspells clean phrases the way people do, to train and to measure spelling correction.

Hangul is misspelled as it is typed, letter by letter on the two-set keyboard, and joined again.
Everything random comes from the generator that is passed in.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType

from ovd.language.hangul import has_hangul, to_letters, to_syllables
from ovd.language.spelling.keyboard import NEIGHBOURS, typed_as_hangul, typed_as_latin
from ovd.language.spelling.phonetics import other_spellings

SHORTEST_WORD = 3
_FIRST_LETTER_WEIGHT = 0.4
_WHOLE_PHRASE_SHARE = 0.6
_TRIES = 8


class Slip(StrEnum):
    """A way to get a phrase wrong."""

    EXTRA = "extra"
    MISSING = "missing"
    NEIGHBOUR = "neighbour"
    SWAPPED = "swapped"
    DOUBLED = "doubled"
    SPACING = "spacing"
    LAYOUT = "layout"
    BROKEN = "broken"
    SOUND = "sound"


SLIP_WEIGHTS: Mapping[Slip, float] = MappingProxyType(
    {
        Slip.EXTRA: 1.0,
        Slip.MISSING: 2.0,
        Slip.NEIGHBOUR: 2.0,
        Slip.SWAPPED: 1.5,
        Slip.DOUBLED: 1.0,
        Slip.SPACING: 1.0,
        Slip.LAYOUT: 1.0,
        Slip.BROKEN: 0.2,
        Slip.SOUND: 2.0,
    }
)
"""How often each slip is drawn, before those that cannot befall a phrase are drawn again."""


@dataclass(frozen=True)
class Typo:
    """A phrase and what became of it.

    Attributes:
        clean: As it was meant.
        typed: As it came out; the same as `clean` only where no slip could befall it.
        slips: What happened, in order.
    """

    clean: str
    typed: str
    slips: tuple[Slip, ...]


def mistype(
    phrase: str, random: Random, count: int = 1, weights: Mapping[Slip, float] = SLIP_WEIGHTS
) -> Typo:
    """Let `count` slips befall a phrase; fewer where it offers no place for more.

    Switching the layout comes last, as the keys are struck in the language that was meant.

    Args:
        phrase: Lower-case English or Hangul, words separated by single spaces.
        random: Where chance comes from.
        count: How many slips.
        weights: How likely each is.
    """
    drawn = sorted(_draw(random, weights, count), key=lambda kind: kind is Slip.LAYOUT)
    typed = phrase
    happened: list[Slip] = []
    for kind in drawn:
        for attempt in (kind, *_draw(random, weights, _TRIES)):
            changed = misspell(typed, attempt, random)
            if changed is not None and changed != phrase:
                typed = changed
                happened.append(attempt)
                break
    return Typo(phrase, typed, tuple(happened))


def misspell(text: str, slip: Slip, random: Random) -> str | None:
    """Apply one slip at a random place; None where the text offers no place for it."""
    changed = _MAKERS[slip](text, random)
    return None if changed == text else changed


def _draw(random: Random, weights: Mapping[Slip, float], count: int) -> list[Slip]:
    return random.choices(list(weights), list(weights.values()), k=count)


def _by_letter(change: Callable[[str, int, Random], str]) -> Callable[[str, Random], str | None]:
    def misspell_letter(text: str, random: Random) -> str | None:
        letters = to_letters(text)
        place = _letter_place(letters, random)
        return None if place is None else to_syllables(change(letters, place, random))

    return misspell_letter


def _letter_place(letters: str, random: Random) -> int | None:
    """Index of a letter in a word long enough to be recognised afterwards."""
    starts = [word for word in re.finditer(r"\S+", letters) if len(word[0]) >= SHORTEST_WORD]
    places = [at for word in starts for at in range(*word.span()) if letters[at] in NEIGHBOURS]
    if not places:
        return None
    first = {word.start() for word in starts}
    weights = [_FIRST_LETTER_WEIGHT if at in first else 1.0 for at in places]
    return random.choices(places, weights)[0]


def _extra(letters: str, at: int, random: Random) -> str:
    stray = random.choice(NEIGHBOURS[letters[at]])
    at += random.randrange(2)
    return letters[:at] + stray + letters[at:]


def _missing(letters: str, at: int, _: Random) -> str:
    return letters[:at] + letters[at + 1 :]


def _neighbour(letters: str, at: int, random: Random) -> str:
    return letters[:at] + random.choice(NEIGHBOURS[letters[at]]) + letters[at + 1 :]


def _swapped(letters: str, at: int, _: Random) -> str:
    following = letters[at + 1 : at + 2]
    if not following.strip():
        return letters
    return letters[:at] + following + letters[at] + letters[at + 2 :]


def _doubled(letters: str, at: int, _: Random) -> str:
    return letters[: at + 1] + letters[at:]


def _spacing(text: str, random: Random) -> str | None:
    """Join two words, or split one between two characters."""
    joins = [found.start() for found in re.finditer(" ", text)]
    splits = [
        found.start()
        for found in re.finditer(r"(?<=[^\W\d_]{2})(?=[^\W\d_]{2})|(?<=[가-힣])(?=[가-힣])", text)
    ]
    if joins and (not splits or random.random() < 0.5):
        at = random.choice(joins)
        return text[:at] + text[at + 1 :]
    if not splits:
        return None
    at = random.choice(splits)
    return f"{text[:at]} {text[at:]}"


def _layout(text: str, random: Random) -> str | None:
    """Type the whole phrase, or one word of it, with the keyboard in the other language."""
    words = text.split(" ")
    chosen = (
        range(len(words))
        if random.random() < _WHOLE_PHRASE_SHARE
        else [random.randrange(len(words))]
    )
    return " ".join(
        _switched(word) if index in chosen else word for index, word in enumerate(words)
    )


def _switched(word: str) -> str:
    return typed_as_latin(word) if has_hangul(word) else typed_as_hangul(word)


def _broken(text: str, random: Random) -> str | None:
    """Leave one syllable as separate letters, as an input method does when it is interrupted."""
    places = [at for at, char in enumerate(text) if has_hangul(char)]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + to_letters(text[at]) + text[at + 1 :]


def _sound(text: str, random: Random) -> str | None:
    spellings = other_spellings(text)
    return random.choice(spellings) if spellings else None


_MAKERS: Mapping[Slip, Callable[[str, Random], str | None]] = MappingProxyType(
    {
        Slip.EXTRA: _by_letter(_extra),
        Slip.MISSING: _by_letter(_missing),
        Slip.NEIGHBOUR: _by_letter(_neighbour),
        Slip.SWAPPED: _by_letter(_swapped),
        Slip.DOUBLED: _by_letter(_doubled),
        Slip.SPACING: _spacing,
        Slip.LAYOUT: _layout,
        Slip.BROKEN: _broken,
        Slip.SOUND: _sound,
    }
)
