"""The learned speller, asked in syllables: spells Hangul out for it and joins its answer."""

import unicodedata

from ovd.domain.ports import Respelling, SpellingModel
from ovd.language.hangul import to_letters, to_syllables


class Denoiser:
    """Implements `ovd.domain.ports.SpellingModel` on text as people type it."""

    def __init__(self, model: SpellingModel) -> None:
        """Take a model that reads and writes lower-case letters, Hangul as on the keyboard."""
        self._model = model

    def correct(self, text: str) -> Respelling | None:
        """What a phrase was meant to be; None where it should be left as it is.

        Case, width and repeated spaces are evened out first; a difference in these alone is no
        correction.
        """
        folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        letters = to_letters(folded)
        found = self._model.correct(letters)
        typed = to_syllables(letters)
        if found is None:
            return None if typed == folded else Respelling(typed, 1.0)
        meant = " ".join(to_syllables(found.text).split())
        return None if meant in ("", folded) else Respelling(meant, found.confidence)
