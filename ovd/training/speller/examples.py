"""Training examples of the spelling network: misspelled phrases and the edits to correct them."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from ovd.language.hangul import to_letters
from ovd.language.spelling.noise import add_typos
from ovd.model.spelling.edits import DROP, KEEP, PAD, Alphabet, EditState
from ovd.model.spelling.shape import MAX_EDITS, MAX_LETTERS
from ovd.training.speller.clean_phrases import CleanPhrases, Split

IGNORED = -100
_TYPO_COUNTS = {1: 0.72, 2: 0.21, 3: 0.07}
_MIN_LETTERS_FOR_TWO = 6
_MAX_ATTEMPTS = 5


@dataclass(frozen=True)
class Example:
    """A phrase as typed and as meant, Hangul as letters; equal where there is no typo."""

    typed: str
    meant: str


@dataclass(frozen=True)
class Mixture:
    """Shares of the examples.

    Attributes:
        clean: Share of phrases without a typo.
        real: Share of those that are correctly spelled words rare in queries.
    """

    clean: float = 0.3
    real: float = 0.3


class ExampleMaker:
    """Makes examples; the same seed gives the same ones."""

    def __init__(self, phrases: CleanPhrases, mixture: Mixture) -> None:
        self._phrases = phrases
        self._mixture = mixture

    def make(self, seed: str, count: int, split: Split) -> list[Example]:
        """Make examples of one split, in random order."""
        random = Random(seed)  # noqa: S311
        examples: list[Example] = []
        while len(examples) < count:
            example = self._make_example(random, split)
            if len(example.typed) <= MAX_LETTERS and len(example.meant) <= MAX_LETTERS:
                examples.append(example)
        return examples

    def _make_example(self, random: Random, split: Split) -> Example:
        if random.random() >= self._mixture.clean:
            return self.mistyped(self._phrases.draw(random, split), random)
        if random.random() < self._mixture.real:
            phrase = self._phrases.draw_real_word(random, split)
        else:
            phrase = self._phrases.draw(random, split)
        return Example(to_letters(phrase), to_letters(phrase))

    def mistyped(self, phrase: str, random: Random) -> Example:
        """Misspell a phrase, trying again where the result is itself spelled correctly."""
        meant = to_letters(phrase)
        (count,) = random.choices(list(_TYPO_COUNTS), list(_TYPO_COUNTS.values()))
        for _ in range(_MAX_ATTEMPTS):
            typo = add_typos(phrase, random, count if len(meant) >= _MIN_LETTERS_FOR_TWO else 1)
            if not self._phrases.is_clean(typo.typed):
                return Example(to_letters(typo.typed.casefold()), meant)
        return Example(meant, meant)


def edits_between(typed: str, meant: str, alphabet: Alphabet) -> list[int]:
    """Return the fewest edits from `typed` to `meant`, ending with `KEEP` for the end mark.

    Raises:
        ValueError: If a letter to be written is not in the alphabet.
    """
    edits: list[int] = []
    position = 0
    for edit in Levenshtein.editops(typed, meant):
        edits += [KEEP] * (edit.src_pos - position)
        position = edit.src_pos
        if edit.tag == "insert":
            edits.append(alphabet.insert(meant[edit.dest_pos]))
            continue
        edits.append(DROP if edit.tag == "delete" else alphabet.replace(meant[edit.dest_pos]))
        position += 1
    return edits + [KEEP] * (len(typed) + 1 - position)


@dataclass(frozen=True)
class SpellingBatch:
    """Examples as tensors.

    Attributes:
        symbols: `(B, L)` typed texts, padded with `PAD`.
        is_wrong: `(B,)` float, 1 where there is a typo.
        positions: `(B, T)` symbol that each step edits.
        last_edits: `(B, T)` the edit before.
        written: `(B, T)` the symbol written last.
        edits: `(B, T)` the correct edit, `IGNORED` beyond the end.
    """

    symbols: Tensor
    is_wrong: Tensor
    positions: Tensor
    last_edits: Tensor
    written: Tensor
    edits: Tensor

    def to(self, device: torch.device) -> "SpellingBatch":
        """Return the batch on a device."""
        return SpellingBatch(*(tensor.to(device) for tensor in vars(self).values()))


def join_examples(examples: Sequence[Example], alphabet: Alphabet) -> SpellingBatch:
    """Make a batch of examples."""
    edits = [edits_between(item.typed, item.meant, alphabet)[:MAX_EDITS] for item in examples]
    steps = [_states(item.typed, own, alphabet) for item, own in zip(examples, edits, strict=True)]
    return SpellingBatch(
        symbols=_padded([alphabet.encode(item.typed) for item in examples], PAD),
        is_wrong=torch.tensor([float(item.typed != item.meant) for item in examples]),
        positions=_padded([[state.place for state in states] for states in steps], 0),
        last_edits=_padded([[state.last_edit for state in states] for states in steps], -1),
        written=_padded([[state.last_symbol for state in states] for states in steps], PAD),
        edits=_padded(edits, IGNORED),
    )


def _states(typed: str, edits: Sequence[int], alphabet: Alphabet) -> list[EditState]:
    states = [EditState()]
    for edit in edits[:-1]:
        states.append(states[-1].after(edit, typed, alphabet))
    return states


def _padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    length = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (length - len(row))] for row in rows])
