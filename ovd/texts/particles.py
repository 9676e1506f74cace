"""Korean particles: the form that fits the word before, where a text names both."""

import re

_FIRST, _LAST, _FINALS = 0xAC00, 0xD7A3, 28
_RIEUL = 8
# As they are read: 영 일 이 삼 사 오 육 칠 팔 구.
_DIGIT_FINALS = {"0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}
# Last letters of foreign words whose sound is certain; the others keep both forms.
_LETTER_FINALS = {"l": 8, "m": 16, "n": 4} | dict.fromkeys("aefiorsuvxyz", 0)
# Both forms as texts name them, and the two forms: after a final consonant, after a vowel.
_FORMS = {
    "은(는)": ("은", "는"),
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라고": ("이라고", "라고"),
}
_PAIR = re.compile(
    r"(?P<word>[^\s”\"\u2019')\]]+)(?P<close>[”\"\u2019')\]]*)(?P<pair>"
    + "|".join(map(re.escape, _FORMS))
    + ")"
)


def settle_particles(text: str) -> str:
    """Return a Korean text with each particle in the form that fits the word before it.

    After a word whose last sound is not certain, such as most foreign ones, both forms stay.
    """
    return _PAIR.sub(_settle, text)


def _settle(found: re.Match[str]) -> str:
    final = _final_of(found["word"])
    if final is None:
        return found[0]
    after_consonant, after_vowel = _FORMS[found["pair"]]
    is_open = final == 0 or (final == _RIEUL and found["pair"] == "(으)로")
    return found["word"] + found["close"] + (after_vowel if is_open else after_consonant)


def _final_of(word: str) -> int | None:
    """Return the number of the final consonant of a word, 0 for none; None if it is not certain."""
    last = word[-1].lower()
    if _FIRST <= ord(last) <= _LAST:
        return (ord(last) - _FIRST) % _FINALS
    if word.lower().endswith(("le", "ck")):
        return _RIEUL if last == "e" else 1
    return _DIGIT_FINALS.get(last, _LETTER_FINALS.get(last))
