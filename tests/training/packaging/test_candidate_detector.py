import numpy as np
import pytest
import torch

from ovd.domain.query import Query
from ovd.errors import WeightsError
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.text.adapter import TextAdapter
from ovd.training.engine.checkpoint import save_weights
from ovd.training.packaging.candidate_detector import load_candidate
from tests.training.sentence_builders import FEATURE_DIM, HashedSentences

IMAGE = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("run") / "weights.safetensors"
    modules = {
        "network": OvDense(OvDenseConfig(width=8, embed_dim=8)),
        "adapter": TextAdapter(FEATURE_DIM, 8),
    }
    save_weights(path, modules, {"names": ["car", "person"]})
    return path


def detect(detector, min_score):
    query = Query(
        "a thing never trained", "a thing", ("a thing never trained",), min_score=min_score
    )
    return detector.detect([IMAGE], detector.encode([query]))[0]


def test_candidate_detects_any_text(weights):
    detector = load_candidate(weights, HashedSentences(), ((64, 64),))

    found = detect(detector, 0.0)

    assert detector.info.known_names == ("car", "person")
    assert len(found) > 0
    assert (found.xyxy <= [64, 48, 64, 48]).all()


def test_one_to_one_branch_keeps_overlapping_boxes(weights):
    many = detect(load_candidate(weights, HashedSentences(), ((64, 64),)), 0.0)
    single = detect(load_candidate(weights, HashedSentences(), ((64, 64),), single=True), 0.0)

    assert len(single) > len(many)


def test_file_without_a_network_is_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, {"adapter": TextAdapter(FEATURE_DIM, 8)}, {})

    with pytest.raises(WeightsError, match="no trained network"):
        load_candidate(path, HashedSentences())
