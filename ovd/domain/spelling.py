"""Ports of the spelling corrector and of the saved queries."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class SpellingCorrection:
    """A corrected text.

    Attributes:
        text: The corrected text, different from the typed one.
        confidence: Probability in [0, 1] that exactly this text was meant.
    """

    text: str
    confidence: float


class SpellingModel(Protocol):
    """A learned corrector of misspelled phrases. Safe to share between threads."""

    def correct(self, text: str) -> SpellingCorrection | None:
        """Return the corrected phrase; None if it should stay as typed.

        Also None for text that it cannot judge: too long, or in a script it has not learned.

        Also None for text that it cannot judge: too long, or in a script it has not learned.

        Also None for text that it cannot judge: too long, or in a script it has not learned.
        """
        ...


class SavedQueries(Protocol):
    """The saved queries of the user; counts do not depend on them.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def add(self, text: str) -> bool:
        """Save a query text; return False if it is saved already, whatever its case."""
        ...

    def all(self) -> tuple[str, ...]:
        """Return the texts as typed, oldest first."""
        ...

    def remove(self, text: str) -> bool:
        """Remove a query text; return False if it was not saved."""
        ...
