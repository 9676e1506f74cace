"""Durations and numbers in a query: "for 10 s", "2분 동안", "more than 3 cars", "차 3대 이상"."""

import re
import unicodedata
from dataclasses import dataclass

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "sixty": 60,
}  # fmt: skip
_KOREAN_NUMBERS = {
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
    "열": 10, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9,
    "십": 10, "이십": 20, "삼십": 30, "오십": 50,
}  # fmt: skip
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "초": 1.0, "분": 60.0, "시": 3600.0}


def _one_of(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_MORE = "more than|longer than|at least|over|up to"
_UNIT = "seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h"
_AMOUNT = f"[0-9]+(?:\\.[0-9]+)?|{_one_of(_NUMBERS)}"
_DURATION = re.compile(
    f"\\b(?:(?:for|since) (?:(?:{_MORE}) )?|(?:{_MORE}) )(?:the last )?"
    f"(?P<n>{_AMOUNT}) ?(?P<unit>{_UNIT})\\b(?: (?:or (?:more|longer)|long))?"
    f"|\\b(?P<n2>{_AMOUNT}) ?(?P<unit2>{_UNIT}) (?:or (?:more|longer)|long)\\b"
)
_KOREAN_AMOUNT = f"[0-9]+(?:\\.[0-9]+)?|{_one_of(_KOREAN_NUMBERS)}"
_KOREAN_LASTING = "(?:\\s*(?:이상|넘게|동안|째|간|정도|내내|가량))"
_KOREAN_DURATION = re.compile(
    f"(?<![가-힣0-9])(?P<n>{_KOREAN_AMOUNT})\\s*(?P<unit>초|분|시간){_KOREAN_LASTING}+"
    "(?=\\s|$)"
    f"|(?<![가-힣0-9])(?P<n2>[0-9]+(?:\\.[0-9]+)?)\\s*(?P<unit2>초|분|시간)(?=\\s)"
)
_LIMIT = re.compile(
    "(?:(?P<more>more than|over|above)|(?P<least>at least)|"
    "(?P<less>fewer than|less than|under|at most|up to)) "
    f"(?P<n>[0-9]+|{_one_of(_NUMBERS)}) (?P<rest>.+)"
    f"|(?P<n2>[0-9]+|{_one_of(_NUMBERS)}) or (?P<side>more|fewer|less) (?P<rest2>.+)"
    f"|(?P<n3>[0-9]+|{_one_of(_NUMBERS)}) (?P<rest3>.+)"
)
_KOREAN_LIMIT = re.compile(
    f"(?P<before>.*?)\\s*(?P<n>{_KOREAN_AMOUNT})\\s*(?:명|대|마리|개|사람|척)\\s*"
    "(?P<side>이상|초과|넘게|넘는|미만|이하)(?:의|인)?\\s*(?P<after>.*)"
)
_GROUP = re.compile(
    f"(?:crowds?|groups?) of (?P<more>more than |at least )?(?P<n>[0-9]+|{_one_of(_NUMBERS)})"
    "(?: or more)? (?:people|persons|men|women|person)"
)


@dataclass(frozen=True)
class Limit:
    """A number before a noun.

    Attributes:
        least: Smallest number that is meant; for "fewer than 3" the number named.
        compared: Whether words compare with it ("more than"); such numbers belong to alerts.
        fewer: Whether fewer are meant.
        rest: The text without it.
    """

    least: int
    compared: bool
    fewer: bool
    rest: str


def split_duration(text: str) -> tuple[str, float | None]:
    """Return the text without its duration, and that in seconds; None where none is named.

    Args:
        text: Lower case, single spaces.
    """
    for pattern, numbers in ((_DURATION, _NUMBERS), (_KOREAN_DURATION, _KOREAN_NUMBERS)):
        found = pattern.search(text)
        if found is not None:
            number, unit = found["n"] or found["n2"], found["unit"] or found["unit2"]
            seconds = _to_number(number, numbers) * _SECONDS[unit[0]]
            rest = " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
            return rest, seconds
    return text, None


def split_limit(text: str) -> Limit | None:
    """Return the number that a text begins with; None where it begins with none.

    Args:
        text: Lower case, single spaces.
    """
    korean = _KOREAN_LIMIT.fullmatch(unicodedata.normalize("NFC", text))
    if korean is not None:
        rest = f"{korean['before']} {korean['after']}".strip() or "사람"
        number = int(_to_number(korean["n"], _KOREAN_NUMBERS))
        more = korean["side"] in ("초과", "넘게", "넘는")
        return Limit(number + more, True, korean["side"] in ("미만", "이하"), rest)
    found = _LIMIT.fullmatch(text)
    if found is None:
        return None
    number = int(_to_number(found["n"] or found["n2"] or found["n3"], _NUMBERS))
    rest = found["rest"] or found["rest2"] or found["rest3"]
    fewer = bool(found["less"]) or found["side"] in ("fewer", "less")
    compared = found["n3"] is None
    if not compared and found["n3"] in ("a", "an"):
        return None
    return Limit(number + bool(found["more"]), compared, fewer, rest)


def group_size(text: str) -> int | None:
    """Return the number in "group of 5 people"; None where a text is none of a group.

    Args:
        text: Lower case, single spaces.
    """
    found = _GROUP.fullmatch(text)
    if found is None:
        return None
    return int(_to_number(found["n"], _NUMBERS)) + (found["more"] == "more than ")


def _to_number(text: str, numbers: dict[str, int]) -> float:
    return float(numbers[text]) if text in numbers else float(text)
