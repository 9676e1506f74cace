import numpy as np
import pytest

from ovd.domain.query import Query
from ovd.errors import DatasetError, QueryError, WeightsError
from ovd.model.backends import LoadOptions, ovdense
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.weights import WeightsState, check_weights, load_weights_config
from ovd.training.engine.run import RunOptions, train
from ovd.training.packaging import weights_folder
from ovd.training.packaging.calibration import Calibration
from ovd.training.packaging.candidate_detector import load_candidate
from ovd.training.packaging.weights_folder import calibrate, package_run
from ovd.training.text.sentence_features import SentenceEncoder, find_features
from tests.model.towers import write_tower
from tests.training.datasets import write_dataset
from tests.training.engine.test_run import CONFIG
from tests.training.sentence_builders import write_sentence_encoder

IMAGE = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _one_input_size(monkeypatch):
    """Exporting a graph takes seconds for each size."""
    monkeypatch.setattr(ovdense, "INPUT_SIZES", ((320, 448),))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Configuration and weights of a tiny run."""
    folder = tmp_path_factory.mktemp("run")
    encoder = write_sentence_encoder(folder / "encoder")
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    write_dataset(folder / "data", "gate", {f"{i}.jpg": rows for i in range(4)})
    config = folder / "run.toml"
    config.write_text(CONFIG.format(folder=folder / "data", encoder=encoder, images=4))
    return config, train(config, folder / "out")


def detect(detector, name):
    query = Query(name, name, (name,), min_score=0.0)
    return detector.detect([IMAGE], detector.encode([query]))[0].score


def test_run_becomes_a_weights_folder_that_the_app_loads(run, weights_dir):
    config, weights = run

    packaged = package_run(config, weights, weights_dir)

    detector = load_ovdense(LoadOptions(packaged.folder))
    assert detector.info.known_names == ("car", "person")
    assert {status.state for status in check_weights(packaged.folder)} == {WeightsState.OK}
    assert (packaged.calibration, packaged.error_before) == (Calibration(), None)
    trained = load_candidate(weights, SentenceEncoder(find_features(encoder_of(config), config)))
    np.testing.assert_allclose(detect(detector, "car")[:20], detect(trained, "car")[:20], atol=1e-2)


def test_tower_of_another_encoder_is_not_packed(run, weights_dir):
    packaged = package_run(*run, weights_dir)
    detector = load_ovdense(LoadOptions(packaged.folder))

    with pytest.raises(QueryError, match="no text embedding for 'unicorn'"):
        detect(detector, "unicorn")


def test_shipped_tower_is_packed_with_what_was_trained_on_it(run, weights_dir, monkeypatch):
    config, weights = run
    monkeypatch.setattr(weights_folder, "SENTENCE_ENCODERS", (encoder_of(config),))

    packaged = package_run(config, weights, weights_dir)

    assert {status.state for status in check_weights(packaged.folder)} == {WeightsState.OK}
    assert load_weights_config(packaged.folder, "ovdense", "text_tower_config")["wordpieces"]


def test_scores_are_calibrated_on_the_val_split(run, monkeypatch, weights_dir):
    config, weights = run
    fitted = Calibration(slope=0.5, offset=-1.0)
    monkeypatch.setattr(weights_folder, "calibrate", lambda *_: (fitted, 0.2, 0.1))
    config = config.with_name("val.toml")
    config.write_text(run[0].read_text().replace("[data]", '[data]\nval = "*.json"'))

    packaged = package_run(config, weights, weights_dir)

    assert (packaged.calibration, packaged.error_after) == (fitted, 0.1)


def test_val_split_that_labels_nothing_exhaustively_is_refused(run):
    config, weights = run
    sentences = SentenceEncoder(find_features(encoder_of(config), config))

    with pytest.raises(DatasetError, match="labels no name exhaustively"):
        calibrate(weights, sentences, [])


def test_detector_of_another_tower_reads_any_text_through_that_tower(run, tmp_path, weights_dir):
    config, spec = run[0], write_tower(tmp_path / "clip")
    weights = train(config, tmp_path / "out", RunOptions(text_encoder=spec))

    folder = package_run(config, weights, weights_dir, spec).folder

    detector = load_ovdense(LoadOptions(folder, text_encoder=spec))
    assert len(detect(detector, "unicorn")) > 0
    with pytest.raises(WeightsError, match="was not trained with the text encoder 'ViT-B-32/open"):
        load_ovdense(LoadOptions(folder, text_encoder="ViT-B-32/openai"))


def encoder_of(config):
    line = next(line for line in config.read_text().splitlines() if line.startswith("encoder"))
    return line.split('"')[1]
