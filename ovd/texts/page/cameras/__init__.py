"""Words of the cameras view, by language."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.texts.languages import Language
from ovd.texts.page.cameras.english import ENGLISH
from ovd.texts.page.cameras.korean import KOREAN
from ovd.texts.page.cameras.words import CameraTexts

__all__ = ["CAMERA_TEXTS", "CameraTexts", "camera_texts", "language_of"]

CAMERA_TEXTS: Mapping[Language, CameraTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def camera_texts(language: Language) -> CameraTexts:
    """Return the words of one language."""
    return CAMERA_TEXTS[language]


def language_of(texts: CameraTexts) -> Language:
    """Return the language that words are in."""
    return next(language for language, words in CAMERA_TEXTS.items() if words is texts)
