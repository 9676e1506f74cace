"""Words of the sites view, by language."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.texts.languages import Language
from ovd.texts.page.sites.english import ENGLISH
from ovd.texts.page.sites.korean import KOREAN
from ovd.texts.page.sites.words import SitesTexts

__all__ = ["SITES_TEXTS", "SitesTexts", "sites_texts"]

SITES_TEXTS: Mapping[Language, SitesTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def sites_texts(language: Language) -> SitesTexts:
    """Return the words of one language."""
    return SITES_TEXTS[language]
