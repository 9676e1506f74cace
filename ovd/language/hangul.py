"""Conversion between Hangul syllables and the letters that a keyboard types."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# Letters of the conjoining jamo that Unicode decomposes syllables into, in code point order;
# double vowels and double final consonants are given as the two keys that make them.
_LEADS = "ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ"
_VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ"
_TAILS = (
    "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ "
    "ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ"
)
_FIRST_LEAD, _FIRST_VOWEL, _FIRST_TAIL = 0x1100, 0x1161, 0x11A8


def _letters_by_jamo() -> dict[int, str]:
    rows = ((_FIRST_LEAD, _LEADS), (_FIRST_VOWEL, _VOWELS), (_FIRST_TAIL, _TAILS))
    return {
        first + offset: letters for first, row in rows for offset, letters in enumerate(row.split())
    }


_LETTERS: Mapping[int, str] = MappingProxyType(_letters_by_jamo())
_JAMO: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        part: {letters: chr(first + offset) for offset, letters in enumerate(row.split())}
        for part, first, row in (
            ("lead", _FIRST_LEAD, _LEADS),
            ("vowel", _FIRST_VOWEL, _VOWELS),
            ("tail", _FIRST_TAIL, _TAILS),
        )
    }
)


def _one_of(row: str) -> str:
    return "|".join(sorted(row.split(), key=len, reverse=True))


_SYLLABLE = re.compile(
    f"(?P<lead>{_one_of(_LEADS)})(?P<vowel>{_one_of(_VOWELS)})"
    f"(?P<tail>(?:{_one_of(_TAILS)})(?![ㅏ-ㅣ]))?"
)


def to_letters(text: str) -> str:
    """Spell Hangul syllables out as keyboard letters; other characters stay.

    A syllable half typed is a prefix of the whole one: 잗 and 자도 both begin 자동차, 고 begins 과.
    """
    return unicodedata.normalize("NFD", text).translate(_LETTERS)


def to_syllables(letters: str) -> str:
    """Join letters into syllables as a keyboard does; the inverse of `to_letters` on whole text.

    A consonant before a vowel begins the next syllable. Letters that fit no syllable stay.
    """
    return _SYLLABLE.sub(_syllable, letters)


def _syllable(found: re.Match[str]) -> str:
    parts = {part: letters for part, letters in found.groupdict().items() if letters}
    jamo = "".join(_JAMO[part][letters] for part, letters in parts.items())
    return unicodedata.normalize("NFC", jamo)


def has_hangul(text: str) -> bool:
    """Return whether a composed Hangul syllable occurs."""
    return any("가" <= char <= "힣" for char in text)
