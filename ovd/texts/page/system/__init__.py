"""Words of the system view, by language."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.texts.languages import Language
from ovd.texts.page.system.english import ENGLISH
from ovd.texts.page.system.korean import KOREAN
from ovd.texts.page.system.words import SystemTexts

__all__ = ["SYSTEM_TEXTS", "SystemTexts", "system_texts"]

SYSTEM_TEXTS: Mapping[Language, SystemTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def system_texts(language: Language) -> SystemTexts:
    """Return the words of one language."""
    return SYSTEM_TEXTS[language]
