"""Words of the alerts view, by language."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.texts.languages import Language
from ovd.texts.page.alerts.english import ENGLISH
from ovd.texts.page.alerts.korean import KOREAN
from ovd.texts.page.alerts.words import AlertTexts

__all__ = ["ALERT_TEXTS", "AlertTexts", "alert_texts", "language_of"]

ALERT_TEXTS: Mapping[Language, AlertTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def alert_texts(language: Language) -> AlertTexts:
    """Return the words of one language."""
    return ALERT_TEXTS[language]


def language_of(texts: AlertTexts) -> Language:
    """Return the language that words are in."""
    return next(language for language, words in ALERT_TEXTS.items() if words is texts)
