"""Corrects misspelled phrases with the spelling network."""

import math
from pathlib import Path

import torch

from ovd.domain.spelling import SpellingCorrection
from ovd.errors import WeightsError
from ovd.model.spelling.edits import DROP, FIRST_SYMBOL, Alphabet, EditState, apply_edits
from ovd.model.spelling.network import (
    MAX_EDITS,
    MAX_LETTERS,
    Memory,
    SpellingConfig,
    SpellingNetwork,
)
from ovd.model.weights import WeightsRole, load_weights

SPELLER = "speller"
PREFIX = "network."
MIN_WRONG = 0.05


class Speller:
    """Implements `ovd.domain.spelling.SpellingModel` on letters.

    It knows Hangul as the letters of the two-set keyboard, so that whoever asks spells syllables
    out before and joins them afterwards (`ovd.language.spelling.neural`).
    """

    def __init__(self, network: SpellingNetwork) -> None:
        self._network = network.eval().requires_grad_(False)

    @torch.inference_mode()
    def correct(self, text: str) -> SpellingCorrection | None:
        """Return what a phrase was meant to be; None where it should stay or is too long.

        Args:
            text: Lower case, Hangul as letters, at most 48 of all.

        Returns:
            The likeliest edits, one after another, and the product of their probabilities.
        """
        if not text or len(text) > MAX_LETTERS:
            return None
        symbols = torch.tensor([self._network.alphabet.encode(text)])
        states, wrong = self._network.read(symbols)
        if wrong.sigmoid().item() < MIN_WRONG:
            return None
        edits, log_confidence = self._edit(text, states[0])
        meant = apply_edits(text, edits, self._network.alphabet)
        if meant == text or not meant:
            return None
        return SpellingCorrection(meant, math.exp(log_confidence))

    def _edit(self, text: str, states: torch.Tensor) -> tuple[list[int], float]:
        alphabet = self._network.alphabet
        memory = Memory(len(self._network.writers))
        state, edits, log_confidence = EditState(), list[int](), 0.0
        while state.place <= len(text) and len(edits) < MAX_EDITS:
            scores = self._network.score_next(
                states[state.place], state.last_edit, state.last_symbol, memory
            ).log_softmax(0)
            if state.place == len(text):
                scores[DROP] = scores[FIRST_SYMBOL + len(alphabet.letters) :] = -math.inf
            best, edit = scores.max(0)
            edits.append(int(edit))
            log_confidence += best.item()
            state = state.after(edits[-1], text, alphabet)
        return edits, log_confidence if state.place > len(text) else -math.inf


def load_speller(weights_dir: Path) -> Speller:
    """Load the speller that ships with ovd.

    Raises:
        WeightsError: If its weights are missing, damaged or of another architecture.
    """
    loaded = load_weights(weights_dir, SPELLER, WeightsRole.SPELLER)
    tensors = {
        name.removeprefix(PREFIX): torch.from_numpy(array).float()
        for name, array in loaded.tensors.items()
    }
    try:
        config = SpellingConfig(
            width=tensors["symbols.weight"].shape[1],
            encoder_layers=_count(tensors, "readers"),
            decoder_layers=_count(tensors, "writers"),
        )
        network = SpellingNetwork(Alphabet("".join(loaded.names)), config)
        network.load_state_dict(tensors)
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(
            f"{weights_dir / loaded.entry.file} holds no spelling network: {error}"
        ) from error
    return Speller(network)


def _count(tensors: dict[str, torch.Tensor], layers: str) -> int:
    return len({name.split(".")[1] for name in tensors if name.startswith(f"{layers}.")})
