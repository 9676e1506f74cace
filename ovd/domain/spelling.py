"""What corrects the spelling of queries, and the list that keeps them, as protocols."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Respelling:
    """What a text was probably meant to be.

    Attributes:
        text: The text as meant; differs from what was typed.
        confidence: In [0, 1], how likely exactly this text was meant.
    """

    text: str
    confidence: float


class SpellingModel(Protocol):
    """Corrects misspelled phrases by what it learned. Safe to share between threads."""

    def correct(self, text: str) -> Respelling | None:
        """Return what a phrase was meant to be; None where it should be left as it is.

        Also None for text that it cannot judge: too long, or in a script it has not learned.
        """
        ...


class SavedQueries(Protocol):
    """The queries that the user keeps on a list; counts do not depend on it.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def add(self, text: str) -> bool:
        """Put a text on the list; False if it is there, whatever its case."""
        ...

    def all(self) -> tuple[str, ...]:
        """Return the texts as typed, oldest first."""
        ...

    def remove(self, text: str) -> bool:
        """Take a text off the list; False if it was not there."""
        ...
