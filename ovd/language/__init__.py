"""Reading of typed text as a Query; loads no torch."""

from ovd.language.phrases import PhraseReader
from ovd.language.reader import MAX_QUERIES, MAX_TEXT_LENGTH, VocabularyReader
from ovd.language.verified import VerifiedReader

__all__ = ["MAX_QUERIES", "MAX_TEXT_LENGTH", "PhraseReader", "VerifiedReader", "VocabularyReader"]
