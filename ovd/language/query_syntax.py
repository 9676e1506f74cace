"""Syntax around the words of a query: separators, quotes and a threshold."""

import re
import unicodedata
from dataclasses import dataclass

from ovd.errors import QueryError

_QUOTED = '"[^"\\r\\n]*"|\u201c[^\u201d\\r\\n]*\u201d'
_SEPARATORS = ",;\uff0c\uff1b\u3001\r\n\u0085\u2028\u2029"
_QUERY_PATTERN = re.compile(f"(?:{_QUOTED}|[^{_SEPARATORS}])+")
_QUOTED_QUERY = re.compile('["\u201c]([^"\u201c\u201d]+)["\u201d]')
_NUMBER = r"[0-9]*\.?[0-9]+"
_THRESHOLD = re.compile(
    f"(?P<text>.*?)(?:>=?|\u2265)\\s*(?P<score>-?{_NUMBER})\\s*(?P<percent>%?)"
    f"|(?P<korean>.*?\\S)\\s+(?P<least>[0-9]*\\.[0-9]+|[0-9]+\\s*%)\\s*이상"
)


@dataclass(frozen=True)
class QueryParts:
    """The parts of one query.

    Attributes:
        words: What is asked for, without quotes and threshold.
        min_score: The threshold that was typed, in [0, 1]; None if none was.
        literal: Whether all of it stood in quotes.
    """

    words: str
    min_score: float | None
    literal: bool


def split_queries(text: str) -> tuple[str, ...]:
    """Split at commas, semicolons and line ends that are not inside quotes."""
    return tuple(_QUERY_PATTERN.findall(text))


def parse_query_parts(text: str) -> QueryParts:
    """Split a query into words and threshold: "car >0.5", "사람 50% 이상", "stop sign" in quotes.

    Raises:
        QueryError: If the threshold is outside [0, 1], or there are two.
    """
    words, min_score = _without_threshold(text)
    quoted = _QUOTED_QUERY.fullmatch(words)
    if quoted is None or not any(map(str.isalnum, quoted[1])):
        return QueryParts(words, min_score, False)
    return QueryParts(quoted[1].strip(), min_score, True)


def _without_threshold(text: str) -> tuple[str, float | None]:
    found = _THRESHOLD.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return text, None
    words = (found["text"] or found["korean"] or "").strip()
    if not any(map(str.isalnum, words)):
        return text, None
    if _THRESHOLD.fullmatch(words):
        raise QueryError(
            f'a query ends in one threshold, got two; leave one out of "{text.strip()[:60]}"'
        )
    number = found["score"] or found["least"]
    percent = number.endswith("%") or bool(found["percent"])
    score = float(number.rstrip("% ")) / (100 if percent else 1)
    if not 0.0 <= score <= 1.0:
        raise QueryError(
            f"a threshold is a number from 0 to 1, or a share up to 100%, got {number}; type it "
            f'like "{words[:60]} >0.5"'
        )
    return words, score
