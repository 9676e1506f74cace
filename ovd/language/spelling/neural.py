"""The learned speller, asked in syllables: spells Hangul out for it and joins its answer."""

import threading
import unicodedata
from collections.abc import Callable

from ovd.domain.spelling import Respelling, SpellingModel
from ovd.language.hangul import to_letters, to_syllables


class Denoiser:
    """Implements `ovd.domain.spelling.SpellingModel` on text as people type it."""

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


class LateSpeller:
    """Implements `ovd.domain.spelling.SpellingModel` by one that is loaded when it is first asked.

    So that starting stays fast, and whoever makes no typo never waits for it.
    """

    def __init__(self, load: Callable[[], SpellingModel]) -> None:
        """Take what loads the model; it is called once at most."""
        self._load = load
        self._model: SpellingModel | None = None
        self._lock = threading.Lock()

    def correct(self, text: str) -> Respelling | None:
        """As the model says; the first call loads it, and raises what loading raises."""
        with self._lock:
            if self._model is None:
                self._model = self._load()
        return self._model.correct(text)
