"""Sentence features without a transformer, and a tiny transformer on disk."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import torch

FEATURE_DIM = 32


class HashedSentences:
    """Features made of the letters of a phrase: the same phrase always has the same ones."""

    def encode(self, phrases: Sequence[str]) -> torch.Tensor:
        rows = []
        for phrase in phrases:
            generator = torch.Generator().manual_seed(zlib.crc32(phrase.encode()))
            rows.append(torch.randn(FEATURE_DIM, generator=generator))
        return torch.stack(rows)

    def save(self) -> None:
        pass


def write_sentence_encoder(folder: Path) -> Path:
    """Save a randomly initialised BERT of one layer with a vocabulary of letters."""
    from ovd.model.text import torchvision_compat

    torchvision_compat.install()
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True)
    letters = "abcdefghijklmnopqrstuvwxyz-'"
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{c}" for c in letters),
    ]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=FEATURE_DIM,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
