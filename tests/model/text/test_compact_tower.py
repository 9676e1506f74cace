import numpy as np
import pytest
import torch

from ovd.errors import WeightsError
from ovd.model.quantization import SCALE_SUFFIX, quantise_rows
from ovd.model.text import torchvision_compat
from ovd.model.text.adapter import TextAdapter
from ovd.model.text.compact_tower import (
    CompactTower,
    build_text_model,
    build_tokenizer,
)

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "car", "##s", "c", "##a", "##r"]
SHAPE = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 8,
    "vocab_size": len(PIECES),
    "pad_token_id": 0,
}
CONFIG = {
    "embed_dim": 12,
    "text_cfg": {
        "hf_model_name": "tiny",
        "hf_proj_type": "mlp",
        "hf_pooler_type": "mean_pooler",
        "hf_config": SHAPE,
    },
    "wordpieces": PIECES,
}


def make_tensors() -> dict[str, np.ndarray]:
    torchvision_compat.install()
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    model = BertModel(BertConfig(**SHAPE), add_pooling_layer=False)
    return {f"transformer.{name}": value.numpy() for name, value in model.state_dict().items()}


def compact(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    packed: dict[str, np.ndarray] = {}
    for name, array in tensors.items():
        if array.ndim == 2:
            rounded, scale = quantise_rows(torch.from_numpy(array))
            packed |= {name: rounded.numpy(), name + SCALE_SUFFIX: scale.numpy()}
        else:
            packed[name] = array
    return packed


@pytest.fixture(scope="module")
def projection() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return TextAdapter(16, 12).state_dict()


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return make_tensors()


def test_eight_bits_give_nearly_the_embedding_of_full_precision(tensors, projection):
    sentences = ["red cars", "car"]
    whole, packed = CompactTower(CONFIG, tensors), CompactTower(CONFIG, compact(tensors))
    tokens = build_tokenizer(whole)(sentences)

    exact = build_text_model(whole, projection)(tokens)
    rounded = build_text_model(packed, projection)(tokens)

    assert exact.shape == (2, 12)
    assert torch.cosine_similarity(exact, rounded).min() > 0.999
    assert not torch.equal(exact, rounded)


def test_padding_does_not_change_an_embedding(tensors, projection):
    tower = CompactTower(CONFIG, tensors)
    model, tokenize = build_text_model(tower, projection), build_tokenizer(tower)

    alone, among = model(tokenize(["car"])), model(tokenize(["car", "red cars red"]))

    torch.testing.assert_close(alone[0], among[0])


def test_word_without_a_piece_of_its_own_is_spelled(tensors):
    tokens = build_tokenizer(CompactTower(CONFIG, tensors))(["Cars", "carar"])

    assert tokens.tolist() == [[2, 5, 6, 3, 0], [2, 5, 8, 9, 3]]


def test_parts_that_do_not_fit_are_refused(tensors, projection):
    without = {name: value for name, value in tensors.items() if "query" not in name}

    with pytest.raises(WeightsError, match="does not fit together"):
        build_text_model(CompactTower(CONFIG, without), projection)
    with pytest.raises(WeightsError, match="does not fit together"):
        build_text_model(CompactTower({"embed_dim": 12}, tensors), projection)


def test_word_pieces_without_padding_are_refused(tensors):
    with pytest.raises(WeightsError, match=r"must begin with \[PAD\]"):
        build_tokenizer(CompactTower(CONFIG | {"wordpieces": PIECES[1:]}, tensors))
