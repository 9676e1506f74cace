import numpy as np
import pytest
import torch

from ovd.errors import WeightsError
from ovd.model.quantization import SCALE_SUFFIX, arrays_to_float32, quantise_rows
from ovd.model.text import torchvision_compat
from ovd.model.text.adapter import TextAdapter
from ovd.model.text.compact_tower import (
    CompactTower,
    build_encoder,
    build_features,
    build_tokenizer,
    load_compact_tower,
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


def run_with_torch(tower: CompactTower, sentences: list[str], adapter=None) -> np.ndarray:
    """Return the features, or embeddings, that PyTorch and transformers compute."""
    torchvision_compat.install()
    from transformers import BertConfig, BertModel

    config = BertConfig(**tower.config["text_cfg"]["hf_config"])
    model = BertModel(config, add_pooling_layer=False).eval()
    state = arrays_to_float32(tower.tensors)
    model.load_state_dict({name.removeprefix("transformer."): state[name] for name in state})
    ids = torch.from_numpy(build_tokenizer(tower)(sentences))
    mask = (ids != 0).long()
    with torch.inference_mode():
        states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return (pooled if adapter is None else adapter.proj(pooled)).numpy()


@pytest.fixture(scope="module")
def adapter() -> TextAdapter:
    torch.manual_seed(1)
    return TextAdapter(16, 12).eval()


@pytest.fixture(scope="module")
def projection(adapter) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in adapter.state_dict().items()}


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return make_tensors()


def test_embeddings_agree_with_those_of_torch(tensors, adapter, projection):
    tower = CompactTower(CONFIG, tensors)
    sentences = ["red cars", "car", "red red car"]

    embeds = build_encoder(tower, projection)(sentences)

    assert (embeds.shape, embeds.dtype) == ((3, 12), np.float32)
    np.testing.assert_allclose(embeds, run_with_torch(tower, sentences, adapter), atol=1e-5)


@pytest.mark.weights
def test_features_of_the_shipped_tower_agree_with_those_of_torch(weights_dir):
    tower = load_compact_tower(weights_dir)
    sentences = ["a safety helmet", "person", "the second bus from the left", "xylophonist"]

    features = build_features(tower)(sentences)

    np.testing.assert_allclose(features, run_with_torch(tower, sentences), atol=2e-5)


def test_eight_bits_give_nearly_the_embedding_of_full_precision(tensors, projection):
    sentences = ["red cars", "car"]

    exact, rounded = (
        build_encoder(CompactTower(CONFIG, parameters), projection)(sentences)
        for parameters in (tensors, compact(tensors))
    )

    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(rounded, axis=1)
    assert ((exact * rounded).sum(axis=1) / lengths).min() > 0.999
    assert not np.array_equal(exact, rounded)


def test_padding_does_not_change_an_embedding(tensors, projection):
    encode = build_encoder(CompactTower(CONFIG, tensors), projection)

    alone, among = encode(["car"]), encode(["car", "red cars red"])

    np.testing.assert_allclose(among[0], alone[0], atol=1e-6)


def test_word_without_a_piece_of_its_own_is_spelled(tensors):
    tokens = build_tokenizer(CompactTower(CONFIG, tensors))(["Cars", "carar"])

    assert tokens.tolist() == [[2, 5, 6, 3, 0], [2, 5, 8, 9, 3]]


def test_parts_that_do_not_fit_are_refused(tensors, projection):
    without = {name: value for name, value in tensors.items() if "query" not in name}
    one_more = tensors | {"transformer.pooler.dense.bias": np.zeros(16)}
    other_act = CONFIG | {
        "text_cfg": CONFIG["text_cfg"] | {"hf_config": SHAPE | {"hidden_act": "relu"}}
    }

    for tower, adapter in (
        (CompactTower(CONFIG, without), projection),
        (CompactTower(CONFIG, one_more), projection),
        (CompactTower(other_act, tensors), projection),
        (CompactTower({"embed_dim": 12, "wordpieces": PIECES}, tensors), projection),
        (CompactTower(CONFIG, tensors), {}),
        (CompactTower(CONFIG | {"embed_dim": 11}, tensors), projection),
    ):
        with pytest.raises(WeightsError, match="does not fit together"):
            build_encoder(tower, adapter)


def test_word_pieces_without_padding_are_refused(tensors):
    with pytest.raises(WeightsError, match=r"must begin with \[PAD\]"):
        build_tokenizer(CompactTower(CONFIG | {"wordpieces": PIECES[1:]}, tensors))
