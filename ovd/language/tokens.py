"""Tokenisation of typed text, and the key shared by spellings of one phrase."""

import re
import unicodedata
from collections.abc import Sequence

_INVISIBLE = "Cf"
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`]")
_SPACERS = re.compile(r"[-\u2010-\u2015_()\[\]{}\"\u201c\u201d\u00ab\u00bb\u300a-\u300f]")
_SENTENCE_END = re.compile(r"[.!?\u3002\u2026]+(?=\s|$)")
_SEPARATORS = re.compile(r"([/|&+,;\u3001!<>=])")

Words = tuple[str, ...]


def strip_invisible(text: str) -> str:
    """Return the text without zero-width and other format characters."""
    return "".join(char for char in text if unicodedata.category(char) != _INVISIBLE)


def split_words(text: str) -> Words:
    """Split into words without regard to case, width, hyphens, quotes and brackets.

    Signs that part phrases, such as the comma and the slash, are words of their own. Other signs
    and emoji stay, so that nothing a user meant is dropped unseen.
    """
    return _split(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))


def split_as_typed(text: str) -> Words:
    """Split into the same words as `split_words`, keeping their case."""
    return _split(unicodedata.normalize("NFKC", text))


def _split(text: str) -> Words:
    plain = _APOSTROPHES.sub("", strip_invisible(text))
    spaced = _SENTENCE_END.sub(" ", _SPACERS.sub(" ", plain))
    return tuple(_SEPARATORS.sub(r" \1 ", spaced).split())


def key_of(words: Sequence[str]) -> str:
    """Return the key of a phrase; "cell phone", "cellphone" and "cell-phone" share one."""
    return "".join(words)


def phrase_key(phrase: str) -> str:
    """Return the key of a phrase that is not split yet."""
    return key_of(split_words(phrase))
