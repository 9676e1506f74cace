"""The QWERTY and Korean two-set keyboards: neighbouring keys, and typing with the wrong layout."""

import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ovd.language.hangul import to_letters, to_syllables

_LATIN_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KOREAN_ROWS = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ")
_SHIFTED = {"ㅂ": "ㅃ", "ㅈ": "ㅉ", "ㄷ": "ㄸ", "ㄱ": "ㄲ", "ㅅ": "ㅆ", "ㅐ": "ㅒ", "ㅔ": "ㅖ"}
_ROW_SHIFT = (0.0, 0.25, 0.75)
_NEIGHBOUR_DISTANCE = 1.3
_MAX_SHIFTED_KEYS = 2

_KEY_OF = {
    letter: key
    for latin, korean in zip(_LATIN_ROWS, _KOREAN_ROWS, strict=True)
    for key, letter in zip(latin, korean, strict=True)
}
_KEY_OF |= {double: _KEY_OF[single].upper() for single, double in _SHIFTED.items()}
_LETTER_OF = {key: letter for letter, key in _KEY_OF.items()}


def typed_as_latin(text: str) -> str:
    """Return what the keys of Korean words type on an English layout: 사람 gives "tkfka"."""
    return "".join(_KEY_OF.get(letter, letter) for letter in to_letters(text))


def typed_as_hangul(text: str) -> str:
    """Return what the keys of English words type on a Korean layout: "tkfka" gives 사람."""
    letters = (_LETTER_OF.get(char) or _LETTER_OF.get(char.lower(), char) for char in text)
    return to_syllables("".join(letters))


def typed_with_shift(text: str) -> Iterator[str]:
    """Yield `typed_as_hangul` of the text, then with Shift held at no key, at one, or at two.

    With caps lock, small letters are those typed with Shift: XHrL is 토끼. "rhlrhfl" gives 괴고리
    first and 꾀꼬리 among the others. Only whole syllables are given.
    """
    keys = text.lower()
    if text not in (keys, text.upper()):
        caps_lock = sum(map(str.isupper, text)) > sum(map(str.islower, text))
        yield typed_as_hangul(text.swapcase() if caps_lock else text)
    places = [at for at, key in enumerate(keys) if key.upper() in _LETTER_OF]
    for count in range(_MAX_SHIFTED_KEYS + 1):
        for shifted in itertools.combinations(places, count):
            held = (key.upper() if at in shifted else key for at, key in enumerate(keys))
            hangul = typed_as_hangul("".join(held))
            if not all("가" <= char <= "힣" for char in hangul):
                break
            yield hangul


def _neighbours(rows: tuple[str, ...]) -> dict[str, str]:
    places = {
        key: (column + shift, row)
        for row, (keys, shift) in enumerate(zip(rows, _ROW_SHIFT, strict=True))
        for column, key in enumerate(keys)
    }
    return {
        key: "".join(
            other
            for other, (x, y) in places.items()
            if other != key and (x - at_x) ** 2 + (y - at_y) ** 2 <= _NEIGHBOUR_DISTANCE**2
        )
        for key, (at_x, at_y) in places.items()
    }


def _all_neighbours() -> dict[str, str]:
    found = _neighbours(_LATIN_ROWS) | _neighbours(_KOREAN_ROWS)
    for single, double in _SHIFTED.items():
        found[double] = single + found[single]
        found[single] = double + found[single]
    return found


NEIGHBOURS: Mapping[str, str] = MappingProxyType(_all_neighbours())
"""Letters whose keys touch a letter's key, by letter; a doubled Korean letter is beside its own."""
