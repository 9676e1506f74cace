import subprocess
import sys

import numpy as np
import pytest

from ovd.errors import WeightsError
from ovd.model import load_detector
from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import load_ovdense, read_projection
from ovd.model.networks import build_network
from ovd.model.text.compact_tower import load_own_tower
from ovd.model.text.encoder import TableEncoder
from ovd.model.weights import LoadedWeights, WeightsFile, WeightsRole, load_weights
from tests.builders import make_query

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def ovdense(weights_dir):
    return load_ovdense(LoadOptions(weights_dir))


def test_detector_says_who_it_is(ovdense):
    assert ovdense.info.name == "ovdense"
    assert {"person", "safety helmet", "auto rickshaw"} <= set(ovdense.info.known_names)
    assert len(ovdense.info.weights_sha256) == 64
    assert 0.0 < ovdense.info.default_min_score < 1.0


def test_detector_is_in_the_table(weights_dir):
    detector = load_detector("ovdense", LoadOptions(weights_dir))

    assert detector.info.name == "ovdense"


def test_detector_finds_what_v0_is_sure_of(ovdense, embedded, recorded):
    names = embedded.info.known_names
    (sure,) = embedded.detect(
        [recorded["image"]], embedded.encode([make_query(name, 0.7) for name in names])
    )
    shown = {sure.labels[index] for index in sure.label_id}

    (found,) = ovdense.detect(
        [recorded["image"]], ovdense.encode([make_query(name, 0.2) for name in names])
    )

    assert shown
    assert shown <= {found.labels[index] for index in found.label_id}


def test_synonym_finds_the_same_objects(ovdense, recorded):
    queries = [make_query(name, 0.05) for name in ("person", "pedestrian")]

    (found,) = ovdense.detect([recorded["image"]], ovdense.encode(queries))

    counts = [len(found.of_label(label_id)) for label_id in (0, 1)]
    assert abs(counts[0] - counts[1]) <= max(counts) / 2


def test_other_queries_do_not_change_a_score(ovdense, recorded):
    alone = ovdense.encode([make_query("person", 0.05)])
    among = ovdense.encode([make_query(name, 0.05) for name in ("person", "car", "dog")])

    (one,), (many,) = (ovdense.detect([recorded["image"]], v) for v in (alone, among))

    np.testing.assert_allclose(many.of_label(0).score, one.score, atol=1e-5)


def test_tower_and_table_agree_on_the_names_of_both(weights_dir):
    options = LoadOptions(weights_dir)
    network = load_weights(weights_dir, "ovdense", WeightsRole.NETWORK)
    table = TableEncoder(load_weights(weights_dir, "ovdense", WeightsRole.TEXT_EMBEDDINGS))
    names = ("person", "traffic cone", "heavy machinery", "pedestrian", "fire hydrant")

    tower = load_own_tower(options.weights_dir, network, table.encoder_id)

    assert (tower.embed(names) * table.embed(names)).sum(axis=1).min() > 0.99


def test_names_that_were_fitted_to_the_network_are_known(ovdense):
    names = ovdense.info.known_names

    assert {"forklift", "license plate", "trash can"} <= set(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("unheard", "near"),
    [("puppy dog", "dog"), ("big lorry", "truck"), ("passers-by", "person"), ("wildfire", "fire")],
)
def test_word_never_heard_lies_near_what_it_means(ovdense, unheard, near):
    names = [unheard, "dog", "truck", "person", "chair", "fire"]

    embeds = ovdense.encode([make_query(name) for name in names]).text_embeds

    assert names[1 + int(np.argmax(embeds[1:] @ embeds[0]))] == near


def test_text_head_is_read_as_the_network_was_trained(weights_dir):
    weights = load_weights(weights_dir, "ovdense", WeightsRole.NETWORK)

    read, trained = read_projection(weights), build_network(weights).text_head.to_projection()

    assert read.text_map is None
    assert (read.scale, read.bias) == pytest.approx((trained.scale, trained.bias), rel=1e-6)


def test_weights_of_another_network_are_refused():
    entry = WeightsFile(
        "other.safetensors", WeightsRole.NETWORK, ("ovdense",), "0" * 64, 1, "Apache-2.0", "a test"
    )
    tensors = {"network.stem": np.zeros(3, dtype=np.float16)}

    with pytest.raises(WeightsError, match=r"other\.safetensors does not hold"):
        build_network(LoadedWeights(entry, tensors, ("person",), ""))
    with pytest.raises(WeightsError, match=r"other\.safetensors does not hold the text head"):
        read_projection(LoadedWeights(entry, tensors, ("person",), ""))


def test_all_but_the_network_is_imported_without_torch():
    code = (
        "import sys; from ovd.model.backends import ovdense; from ovd.model import detector; "
        "print([name for name in ('torch', 'transformers', 'scipy') if name in sys.modules])"
    )

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
