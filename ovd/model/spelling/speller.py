"""Corrects misspelled phrases with the spelling network."""

import math
from pathlib import Path

from ovd.domain.spelling import SpellingCorrection
from ovd.errors import WeightsError
from ovd.model.spelling.edits import DROP, FIRST_SYMBOL, Alphabet, EditState, apply_edits
from ovd.model.spelling.scorer import EditScorer
from ovd.model.spelling.shape import MAX_EDITS, MAX_LETTERS
from ovd.model.text.layers import Array
from ovd.model.weights import WeightsRole, load_weights

SPELLER = "speller"
PREFIX = "network."
MIN_WRONG = 0.05


class Speller:
    """Implements `ovd.domain.spelling.SpellingModel` on letters.

    It knows Hangul as the letters of the two-set keyboard, so that whoever asks spells syllables
    out before and joins them afterwards (`ovd.language.spelling.neural`).
    """

    def __init__(self, scorer: EditScorer) -> None:
        self._scorer = scorer

    def correct(self, text: str) -> SpellingCorrection | None:
        """Return what a phrase was meant to be; None where it should stay or is too long.

        Args:
            text: Lower case, Hangul as letters, at most 48 of all.

        Returns:
            The likeliest edits, one after another, and the product of their probabilities.
        """
        if not text or len(text) > MAX_LETTERS:
            return None
        states, wrong = self._scorer.read(text)
        if 1.0 / (1.0 + math.exp(-wrong)) < MIN_WRONG:
            return None
        edits, log_confidence = self._edit(text, states)
        meant = apply_edits(text, edits, self._scorer.alphabet)
        if meant == text or not meant:
            return None
        return SpellingCorrection(meant, math.exp(log_confidence))

    def _edit(self, text: str, states: Array) -> tuple[list[int], float]:
        alphabet = self._scorer.alphabet
        memory = self._scorer.start()
        state, edits, log_confidence = EditState(), list[int](), 0.0
        while state.place <= len(text) and len(edits) < MAX_EDITS:
            scores = self._scorer.score_next(states, state, memory)
            if state.place == len(text):
                scores[DROP] = scores[FIRST_SYMBOL + len(alphabet.letters) :] = -math.inf
            edits.append(int(scores.argmax()))
            log_confidence += float(scores[edits[-1]])
            state = state.after(edits[-1], text, alphabet)
        return edits, log_confidence if state.place > len(text) else -math.inf


def load_speller(weights_dir: Path) -> Speller:
    """Load the speller that ships with ovd.

    Raises:
        WeightsError: If its weights are missing, damaged or of another architecture.
    """
    loaded = load_weights(weights_dir, SPELLER, WeightsRole.SPELLER)
    try:
        scorer = EditScorer(loaded.below(PREFIX), Alphabet("".join(loaded.names)))
    except ValueError as error:
        raise WeightsError(
            f"{weights_dir / loaded.entry.file} holds no spelling network: {error}"
        ) from error
    return Speller(scorer)
