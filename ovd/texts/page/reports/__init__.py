"""Words of the reports view, by language."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.texts.languages import Language
from ovd.texts.page.reports.english import ENGLISH
from ovd.texts.page.reports.korean import KOREAN
from ovd.texts.page.reports.words import ReportsViewTexts

__all__ = ["REPORTS_VIEW_TEXTS", "ReportsViewTexts", "reports_view_texts"]

REPORTS_VIEW_TEXTS: Mapping[Language, ReportsViewTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def reports_view_texts(language: Language) -> ReportsViewTexts:
    """Return the words of one language."""
    return REPORTS_VIEW_TEXTS[language]
