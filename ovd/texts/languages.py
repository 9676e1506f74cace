"""The languages that people may read the page, reports and notes in."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """Languages of the page; the value is the HTML language code."""

    EN = "en"
    KO = "ko"


LANGUAGE_NAMES: Mapping[Language, str] = MappingProxyType(
    {Language.EN: "English", Language.KO: "한국어"}
)
