"""Phonetic spelling variants of English and Korean words."""

import re
from collections.abc import Iterable, Iterator

from ovd.language.hangul import to_letters, to_syllables

# Pairs of a pattern and what is written instead; English, then Hangul spelled out as letters.
_ENGLISH = (
    ("ie", "ei"), ("ei", "ie"), ("ph", "f"), ("f", "ph"), ("ck", "k"), ("c(?=[aou])", "k"),
    ("k(?=[aou])", "c"), ("c(?=[eiy])", "s"), ("s(?=[eiy])", "c"), ("qu", "kw"), ("x", "ks"),
    (r"\bkn", "n"), (r"\bwr", "r"), (r"\bwh", "w"), (r"\bps", "s"), ("rh", "r"), ("gh", ""),
    ("ght", "t"), (r"mb\b", "m"), ("tch", "ch"), ("dge?", "j"), ("ch", "tch"), ("sch", "sk"),
    ("ea", "ee"), ("ee", "ea"), ("ea", "e"), ("ai", "ay"), ("ay", "ai"), ("oa", "o"),
    ("oo", "u"), ("ou", "u"), ("ou", "ow"), ("ow", "ou"), ("au", "o"), ("aw", "au"), ("ue", "u"),
    ("ui", "u"), (r"er\b", "or"), (r"er\b", "ar"), (r"or\b", "er"), (r"ar\b", "er"),
    (r"re\b", "er"), (r"le\b", "el"), (r"el\b", "le"), (r"y\b", "ie"), (r"y\b", "ey"),
    (r"ie\b", "y"), ("(?<=[a-z])y(?=[a-z])", "i"), ("(?<=[^aeiou ])i(?=[^aeiou ])", "e"),
    ("(?<=[^aeiou ])e(?=[^aeiou ])", "i"), ("(?<=[^aeiou ])a(?=[^aeiou ])", "e"),
    ("(?<=[^aeiou ])e(?=[^aeiou ])", "a"), ("(?<=[^aeiou ])o(?=[^aeiou ])", "u"),
    ("(?<=[^aeiou ])u(?=[^aeiou ])", "o"), (r"(?<=[^aeiou ])e\b", ""), ("tion", "sion"),
    ("sion", "tion"), ("tion", "shun"), ("able", "ible"), ("ible", "able"), ("cial", "shal"),
    (r"([bcdfgklmnprstz])\1", r"\1"), ("(?<=[aeiou])([bcdfglmnprst])(?=[aeiou])", r"\1\1"),
    ("z", "s"), ("(?<=[aeiou])s(?=[aeiou])", "z"), ("gg", "g"), ("g(?=[ei])", "j"),
    ("j(?=[ei])", "g"), ("v", "b"), ("th", "t"),
)  # fmt: skip
_KOREAN = (
    ("ㅐ", "ㅔ"), ("ㅔ", "ㅐ"), ("ㅒ", "ㅖ"), ("ㅖ", "ㅒ"), ("ㅖ", "ㅔ"), ("ㅗㅐ", "ㅗㅣ"),
    ("ㅗㅣ", "ㅗㅐ"), ("ㅗㅐ", "ㅜㅔ"), ("ㅗㅣ", "ㅜㅔ"), ("ㅜㅔ", "ㅗㅣ"), ("ㅡㅣ", "ㅣ"),
    ("ㅡㅣ", "ㅔ"), ("ㅂ(?=[ㅏ-ㅣ])", "ㅃ"), ("ㅃ", "ㅂ"), ("ㅈ(?=[ㅏ-ㅣ])", "ㅉ"), ("ㅉ", "ㅈ"),
    ("ㅅ(?=[ㅏ-ㅣ])", "ㅆ"), ("ㅆ", "ㅅ"), ("ㄷ(?=[ㅏ-ㅣ])", "ㄸ"), ("ㄸ", "ㄷ"),
    ("ㄱ(?=[ㅏ-ㅣ])", "ㄲ"), ("ㄲ", "ㄱ"), ("ㅋ(?=[ㅏ-ㅣ])", "ㄱ"), ("ㅋ(?=[ㅏ-ㅣ])", "ㄲ"),
    ("ㅌ(?=[ㅏ-ㅣ])", "ㄷ"), ("ㅌ(?=[ㅏ-ㅣ])", "ㄸ"), ("ㅍ(?=[ㅏ-ㅣ])", "ㅂ"),
    ("ㅍ(?=ㅏ)", "ㅎㅗ"),
    ("ㅍ(?=[ㅓㅔㅣ])", "ㅎㅜ"), ("ㅍ(?=[ㅏ-ㅣ])", "ㅎ"), ("([ㅈㅊ])ㅠ", r"\1ㅜ"),
    ("([ㅈㅊ])ㅜ", r"\1ㅠ"), ("([ㅈㅊ])ㅑ", r"\1ㅏ"), ("([ㅈㅊ])ㅏ", r"\1ㅑ"),
    ("([ㅈㅊ])ㅕ", r"\1ㅓ"), ("([ㅈㅊ])ㅓ", r"\1ㅕ"), ("([ㅈㅊ])ㅛ", r"\1ㅗ"), ("ㅓ", "ㅏ"),
    ("ㅏ", "ㅓ"), ("ㅓ", "ㅗ"), ("ㅗ(?![ㅏㅐㅣ])", "ㅓ"), ("ㅡ(?!ㅣ)", "ㅜ"),
    ("ㅜ(?![ㅓㅔㅣ])", "ㅡ"), ("ㅔㅇㅣ", "ㅔ"), ("ㅔ(?!ㅇㅣ)", "ㅔㅇㅣ"), ("ㅗㅇㅜ", "ㅗ"),
    ("(?<=[ㅏ-ㅣ])ㅋㅡ", "ㄱ"), ("(?<=[ㅏ-ㅣ])ㅌㅡ", "ㅅ"), ("(?<=[ㅏ-ㅣ])ㅍㅡ", "ㅂ"),
    (r"(?<=[ㅏ-ㅣ])ㄱ(?=\b)", "ㅋㅡ"), (r"(?<=[ㅏ-ㅣ])ㅅ(?=\b)", "ㅌㅡ"), ("ㄹㄹ", "ㄹ"),
    ("(?<=[ㅏ-ㅣ])ㄹ(?=[ㅏ-ㅣ])", "ㄹㄹ"), ("ㄹㄱ(?![ㅏ-ㅣ])", "ㄱ"), ("ㄹㅁ(?![ㅏ-ㅣ])", "ㅁ"),
    ("ㄴㅎ", "ㄴ"), ("ㅂㅅ(?![ㅏ-ㅣ])", "ㅂ"), ("ㄲ(?![ㅏ-ㅣ])", "ㄱ"), ("ㅍ(?![ㅏ-ㅣ])", "ㅂ"),
    ("ㅌ(?![ㅏ-ㅣ])", "ㅅ"), ("ㅊ(?![ㅏ-ㅣ])", "ㅅ"), ("ㅅ(?![ㅏ-ㅣ])", "ㄷ"),
    ("ㄱ(?=ㅁ)", "ㅇ"), ("ㅂ(?=ㄴ)", "ㅁ"), ("ㄴ(?=ㄹ)", "ㄹ"),
)  # fmt: skip


def _compiled(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), written) for pattern, written in pairs)


_RULES = _compiled((*_ENGLISH, *_KOREAN))


def _inverted(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the (written, meant) pairs of the rules that need no pattern for their inverse."""
    plain = ((_CONTEXT_PATTERNS.sub("", pattern), written) for pattern, written in pairs)
    return tuple(
        (written, meant) for meant, written in plain if meant.isalpha() and "\\" not in written
    )


_CONTEXT_PATTERNS = re.compile(r"\(\?<?[=!][^)]*\)|\\b")
_INVERTED_RULES = _inverted((*_ENGLISH, *_KOREAN))


def phonetic_sources(text: str) -> Iterator[str]:
    """Yield texts of which this one may be a phonetic spelling: "elefant" gives "elephant".

    More are yielded than `phonetic_variants` would misspell so, because the context of a sound is
    ignored.

    More than `phonetic_variants` would misspell so: what stands around a sound is not looked at.
    """
    letters = to_letters(text)
    for written, meant in _INVERTED_RULES:
        for found in re.finditer(written, letters):
            yield to_syllables(letters[: found.start()] + meant + letters[found.end() :])


def phonetic_variants(text: str) -> tuple[str, ...]:
    """Return every text that spells one sound of this one differently, in a fixed order.

    "elephant" gives "elefant", 바나나 gives 빠나나; names with loan words vary most.
    """
    letters = to_letters(text)
    spelled = (
        to_syllables(letters[: found.start()] + found.expand(written) + letters[found.end() :])
        for rule, written in _RULES
        for found in rule.finditer(letters)
    )
    return tuple(dict.fromkeys(other for other in spelled if other != text))
