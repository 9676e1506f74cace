"""Generation of realistic typos in clean phrases, to train and to measure spelling correction.

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
from ovd.language.spelling.phonetics import phonetic_variants

SHORTEST_WORD = 3
_FIRST_LETTER_WEIGHT = 0.4
_WHOLE_PHRASE_PROBABILITY = 0.6
_MAX_RETRIES = 8


class TypoKind(StrEnum):
    """A kind of typing error."""

    EXTRA = "extra"
    MISSING = "missing"
    NEIGHBOUR = "neighbour"
    SWAPPED = "swapped"
    DOUBLED = "doubled"
    SPACING = "spacing"
    LAYOUT = "layout"
    BROKEN = "broken"
    PHONETIC = "sound"


TYPO_WEIGHTS: Mapping[TypoKind, float] = MappingProxyType(
    {
        TypoKind.EXTRA: 1.0,
        TypoKind.MISSING: 2.0,
        TypoKind.NEIGHBOUR: 2.0,
        TypoKind.SWAPPED: 1.5,
        TypoKind.DOUBLED: 1.0,
        TypoKind.SPACING: 1.0,
        TypoKind.LAYOUT: 1.0,
        TypoKind.BROKEN: 0.2,
        TypoKind.PHONETIC: 2.0,
    }
)
"""Relative probability of each kind; one that is not applicable is drawn again."""


@dataclass(frozen=True)
class Typo:
    """A phrase and its misspelled form.

    Attributes:
        clean: As intended.
        typed: As misspelled; equal to `clean` only if no typo was applicable.
        kinds: The typos applied, in order.
    """

    clean: str
    typed: str
    kinds: tuple[TypoKind, ...]


def add_typos(
    phrase: str, random: Random, count: int = 1, weights: Mapping[TypoKind, float] = TYPO_WEIGHTS
) -> Typo:
    """Apply `count` typos to a phrase; fewer if it offers no place for more.

    A switch of the keyboard layout is applied last, as the keys are struck in the intended
    language.

    Switching the layout comes last, as the keys are struck in the language that was meant.

    Args:
        phrase: Lower-case English or Hangul, words separated by single spaces.
        random: Source of randomness.
        count: Number of typos.
        weights: Relative probability of each kind.
    """
    kinds = sorted(_draw(random, weights, count), key=lambda kind: kind is TypoKind.LAYOUT)
    typed = phrase
    applied: list[TypoKind] = []
    for kind in kinds:
        for attempt in (kind, *_draw(random, weights, _MAX_RETRIES)):
            changed = apply_typo(typed, attempt, random)
            if changed is not None and changed != phrase:
                typed = changed
                applied.append(attempt)
                break
    return Typo(phrase, typed, tuple(applied))


def apply_typo(text: str, kind: TypoKind, random: Random) -> str | None:
    """Apply one typo at a random place; return None if the text offers no place for it."""
    changed = _EDITS[kind](text, random)
    return None if changed == text else changed


def _draw(random: Random, weights: Mapping[TypoKind, float], count: int) -> list[TypoKind]:
    return random.choices(list(weights), list(weights.values()), k=count)


def _by_letter(change: Callable[[str, int, Random], str]) -> Callable[[str, Random], str | None]:
    def misspell_letter(text: str, random: Random) -> str | None:
        letters = to_letters(text)
        place = _random_letter(letters, random)
        return None if place is None else to_syllables(change(letters, place, random))

    return misspell_letter


def _random_letter(letters: str, random: Random) -> int | None:
    """Return the index of a letter in a word that is long enough to stay recognisable."""
    starts = [word for word in re.finditer(r"\S+", letters) if len(word[0]) >= SHORTEST_WORD]
    places = [at for word in starts for at in range(*word.span()) if letters[at] in NEIGHBOURS]
    if not places:
        return None
    first = {word.start() for word in starts}
    weights = [_FIRST_LETTER_WEIGHT if at in first else 1.0 for at in places]
    return random.choices(places, weights)[0]


def _extra(letters: str, at: int, random: Random) -> str:
    inserted = random.choice(NEIGHBOURS[letters[at]])
    at += random.randrange(2)
    return letters[:at] + inserted + letters[at:]


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
        if random.random() < _WHOLE_PHRASE_PROBABILITY
        else [random.randrange(len(words))]
    )
    return " ".join(
        _on_other_layout(word) if index in chosen else word for index, word in enumerate(words)
    )


def _on_other_layout(word: str) -> str:
    return typed_as_latin(word) if has_hangul(word) else typed_as_hangul(word)


def _broken(text: str, random: Random) -> str | None:
    """Leave one syllable as separate letters, as an input method does when it is interrupted."""
    places = [at for at, char in enumerate(text) if has_hangul(char)]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + to_letters(text[at]) + text[at + 1 :]


def _sound(text: str, random: Random) -> str | None:
    spellings = phonetic_variants(text)
    return random.choice(spellings) if spellings else None


_EDITS: Mapping[TypoKind, Callable[[str, Random], str | None]] = MappingProxyType(
    {
        TypoKind.EXTRA: _by_letter(_extra),
        TypoKind.MISSING: _by_letter(_missing),
        TypoKind.NEIGHBOUR: _by_letter(_neighbour),
        TypoKind.SWAPPED: _by_letter(_swapped),
        TypoKind.DOUBLED: _by_letter(_doubled),
        TypoKind.SPACING: _spacing,
        TypoKind.LAYOUT: _layout,
        TypoKind.BROKEN: _broken,
        TypoKind.PHONETIC: _sound,
    }
)
