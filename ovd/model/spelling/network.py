"""The spelling network: a small transformer that edits a text letter by letter, as it is trained.

`ovd.model.spelling.scorer` runs it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.spelling.edits import FIRST_SYMBOL, PAD, Alphabet
from ovd.model.spelling.scorer import EditScorer
from ovd.model.spelling.shape import (
    CONVOLUTIONS,
    HEAD_DIM,
    KINDS,
    MAX_EDITS,
    MAX_LETTERS,
    SpellingConfig,
)


class SpellingNetwork(nn.Module):
    """Reads symbols, then scores edits.

    The encoder sees the whole text through two convolutions and self-attention. Before each edit
    the decoder gets the encoder's output at the letter to be edited, the symbol written last and
    the kind of the last edit, and attends to all such steps before.
    """

    def __init__(self, alphabet: Alphabet, config: SpellingConfig) -> None:
        super().__init__()
        width = config.width
        self.alphabet = alphabet
        self.symbols = nn.Embedding(alphabet.symbols, width, padding_idx=PAD)
        self.places = nn.Embedding(MAX_LETTERS + 1, width)
        self.near = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=1) for _ in range(CONVOLUTIONS)
        )
        self.readers = nn.ModuleList(_Layer(width) for _ in range(config.encoder_layers))
        self.read_norm = nn.LayerNorm(width)
        self.is_wrong = nn.Linear(width, 1)
        self.written = nn.Embedding(alphabet.symbols, width)
        self.kinds = nn.Embedding(KINDS, width)
        self.steps = nn.Embedding(MAX_EDITS, width)
        self.writers = nn.ModuleList(_Layer(width) for _ in range(config.decoder_layers))
        self.write_norm = nn.LayerNorm(width)
        self.edits = nn.Linear(width, alphabet.edits)
        for embedding in (self.symbols, self.places, self.written, self.kinds, self.steps):
            nn.init.normal_(embedding.weight, std=0.5)

    def read(self, symbols: Tensor) -> tuple[Tensor, Tensor]:
        """Understand texts.

        Args:
            symbols: `(B, L)` as `Alphabet.encode` gives them, padded with `PAD`.

        Returns:
            `(B, L, D)` a state per symbol, and `(B,)` logits of "something is wrong".
        """
        real = symbols != PAD
        x = self.symbols(symbols) + self.places.weight[: symbols.shape[1]]
        for near in self.near:
            x = x + F.gelu(near((x * real[..., None]).transpose(1, 2)).transpose(1, 2))
        for layer in self.readers:
            x = layer(x, real[:, None, None, :])
        x = self.read_norm(x)
        pooled = x.masked_fill(~real[..., None], -1e4).amax(1)
        return x, self.is_wrong(pooled)[:, 0]

    def score(self, states: Tensor, places: Tensor, last_edits: Tensor, symbols: Tensor) -> Tensor:
        """Score every edit of every step at once, for training.

        Args:
            states: `(B, L, D)` of `read`.
            places: `(B, T)` index of the symbol that each step edits.
            last_edits: `(B, T)` the edit before each step, -1 at the start.
            symbols: `(B, T)` the symbol written last before each step.

        Returns:
            `(B, T, edits)` logits.
        """
        at = places[..., None].expand(-1, -1, states.shape[2])
        x = states.gather(1, at) + self._history(last_edits, symbols)
        x = x + self.steps.weight[: places.shape[1]]
        length = places.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        for layer in self.writers:
            x = layer(x, causal)
        return self.edits(self.write_norm(x))  # type: ignore[no-any-return]

    def to_scorer(self) -> EditScorer:
        """Return what runs it, with the parameters that it has now."""
        parameters = {name: value.cpu().numpy() for name, value in self.state_dict().items()}
        return EditScorer(parameters, self.alphabet)

    def _history(self, last_edits: Tensor, symbols: Tensor) -> Tensor:
        letters = len(self.alphabet.letters)
        kinds = (last_edits + 1).clamp(max=FIRST_SYMBOL + 1)
        kinds = kinds + (last_edits >= FIRST_SYMBOL + letters)
        return self.written(symbols) + self.kinds(kinds)  # type: ignore[no-any-return]


class _Layer(nn.Module):
    """Self-attention and two linear layers, each on normalised input and added to it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._heads = width // HEAD_DIM
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)
        self.wide_norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, visible: Tensor) -> Tensor:
        """Take `(B, L, D)`; `visible` broadcasts to `(B, heads, L, L)`."""
        query, key, value = self._heads_of(x)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=visible)
        return self._finish(x, seen)

    def _heads_of(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, length, _ = x.shape
        joined = self.qkv(self.norm(x)).view(batch, length, 3, self._heads, HEAD_DIM)
        query, key, value = joined.permute(2, 0, 3, 1, 4)
        return query, key, value

    def _finish(self, x: Tensor, seen: Tensor) -> Tensor:
        x = x + self.join(seen.transpose(1, 2).reshape(x.shape))
        return x + self.narrow(F.gelu(self.widen(self.wide_norm(x))))  # type: ignore[no-any-return]
