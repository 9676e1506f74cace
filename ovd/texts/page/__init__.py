"""Every word that the page shows, by language."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.texts.languages import Language
from ovd.texts.page.english import ENGLISH
from ovd.texts.page.korean import KOREAN
from ovd.texts.page.words import PageTexts

__all__ = ["ENGLISH", "KOREAN", "PAGE_TEXTS", "PageTexts", "language_of", "page_texts"]

PAGE_TEXTS: Mapping[Language, PageTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def page_texts(language: Language) -> PageTexts:
    """Return the words of one language."""
    return PAGE_TEXTS[language]


def language_of(texts: PageTexts) -> Language:
    """Return the language that words are in."""
    return next(language for language, words in PAGE_TEXTS.items() if words is texts)
