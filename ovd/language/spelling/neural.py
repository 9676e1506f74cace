"""The learned speller, called with Hangul spelled out as keyboard letters."""

import threading
import unicodedata
from collections.abc import Callable

from ovd.domain.spelling import SpellingCorrection, SpellingModel
from ovd.language.hangul import to_letters, to_syllables


class SyllableSpeller:
    """Implements `ovd.domain.spelling.SpellingModel` on text as people type it."""

    def __init__(self, model: SpellingModel) -> None:
        """Take a model that reads and writes lower-case letters, Hangul as on the keyboard."""
        self._model = model

    def correct(self, text: str) -> SpellingCorrection | None:
        """Return the corrected phrase; None if it should stay as typed.

        Case, width and repeated spaces are normalised first; a difference in these alone is no
        correction.

        Case, width and repeated spaces are evened out first; a difference in these alone is no
        correction.
        """
        folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        letters = to_letters(folded)
        found = self._model.correct(letters)
        typed = to_syllables(letters)
        if found is None:
            return None if typed == folded else SpellingCorrection(typed, 1.0)
        meant = " ".join(to_syllables(found.text).split())
        return None if meant in ("", folded) else SpellingCorrection(meant, found.confidence)


class LazySpeller:
    """Implements `ovd.domain.spelling.SpellingModel` by a model that is loaded at its first use.

    This keeps the start fast: a user who makes no typo never waits for the model.

    So that starting stays fast, and whoever makes no typo never waits for it.
    """

    def __init__(self, load: Callable[[], SpellingModel]) -> None:
        """Take the function that loads the model; it is called at most once."""
        self._load = load
        self._model: SpellingModel | None = None
        self._lock = threading.Lock()

    def correct(self, text: str) -> SpellingCorrection | None:
        """Return the model's correction; the first call loads it and raises its errors."""
        with self._lock:
            if self._model is None:
                self._model = self._load()
        return self._model.correct(text)
