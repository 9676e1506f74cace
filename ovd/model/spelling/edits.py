"""A correction as edits of one letter after another: what the spelling network predicts.

The network reads the typed text, ended by an end mark, and says for each letter in turn whether to
keep it, drop it, replace it, or to insert another before it (hard monotonic attention: Aharoni and
Goldberg, "Morphological Inflection Generation with Hard Monotonic Attention", ACL 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

KEEP, DROP, FIRST_SYMBOL = 0, 1, 2
PAD, END, UNKNOWN, FIRST_LETTER = 0, 1, 2, 3


@dataclass(frozen=True)
class Alphabet:
    """The letters that a network can read and write; any other can only be kept or dropped.

    Symbols are numbered from `FIRST_LETTER`, after padding, the end mark and unknown letters.
    Edits are keep, drop, then "insert letter" for each letter, then "replace by letter".

    Attributes:
        letters: Each once, in the order of their numbers.
    """

    letters: str

    def __post_init__(self) -> None:
        if len(set(self.letters)) != len(self.letters) or not self.letters:
            raise ValueError("an alphabet needs letters, each once")

    @property
    def symbols(self) -> int:
        """Return how many symbols there are."""
        return FIRST_LETTER + len(self.letters)

    @property
    def edits(self) -> int:
        """Return how many edits there are."""
        return FIRST_SYMBOL + 2 * len(self.letters)

    def encode(self, text: str) -> list[int]:
        """Return the symbols of a text and the end mark."""
        return [*(self.symbol(letter) for letter in text), END]

    def symbol(self, letter: str) -> int:
        """Return the symbol of a letter."""
        place = self.letters.find(letter)
        return UNKNOWN if place < 0 else FIRST_LETTER + place

    def insert(self, letter: str) -> int:
        """Return the edit that inserts a letter of the alphabet."""
        return FIRST_SYMBOL + self.letters.index(letter)

    def replace(self, letter: str) -> int:
        """Return the edit that replaces by a letter of the alphabet."""
        return FIRST_SYMBOL + len(self.letters) + self.letters.index(letter)

    def written(self, edit: int) -> str:
        """Return the letter that an insertion or replacement writes; empty for keep and drop."""
        return (
            self.letters[(edit - FIRST_SYMBOL) % len(self.letters)] if edit >= FIRST_SYMBOL else ""
        )

    def advances(self, edit: int) -> bool:
        """Return whether the edit moves to the next letter, as all but insertions do."""
        return not FIRST_SYMBOL <= edit < FIRST_SYMBOL + len(self.letters)


@dataclass(frozen=True)
class EditState:
    """The input of the network before an edit.

    Attributes:
        place: Index into the typed text; its length stands for the end mark.
        last_edit: The edit before, -1 at the start.
        last_symbol: The symbol written last, `END` at the start.
    """

    place: int = 0
    last_edit: int = -1
    last_symbol: int = END

    def after(self, edit: int, text: str, alphabet: Alphabet) -> "EditState":
        """Return the state after an edit of `text`."""
        symbol = self.last_symbol
        if edit == KEEP:
            symbol = alphabet.symbol(text[self.place]) if self.place < len(text) else END
        elif edit >= FIRST_SYMBOL:
            symbol = alphabet.symbol(alphabet.written(edit))
        return EditState(self.place + alphabet.advances(edit), edit, symbol)


def apply_edits(text: str, edits: Sequence[int], alphabet: Alphabet) -> str:
    """Return the text after edits; letters that they do not reach are dropped."""
    place, written = 0, []
    for edit in edits:
        written.append(text[place : place + 1] if edit == KEEP else alphabet.written(edit))
        place += alphabet.advances(edit)
    return "".join(written)
