import csv
from pathlib import Path

import numpy as np
import pytest

from ovd.domain.query import Query
from ovd.errors import SettingsError, WeightsError
from ovd.model.backends import LoadOptions, find_backend
from ovd.model.backends.ovdetr import load_ovdetr, open_source
from ovd.model.runtimes.options import Runtime, RuntimeOptions
from ovd.training.config import load_train_config
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.engine.run import train
from ovd.training.packaging.weights_folder import package_run
from tests.training.datasets import write_dataset
from tests.training.engine.test_run import CONFIG
from tests.training.sentence_builders import write_sentence_encoder

IMAGE = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
DETR = """
[detr]
heads = 2
points = 1
inner = 8
encoder_layers = 1
decoder_layers = 1
queries = 6
keeps = [0.3, 1.0]
"""


def write_config(folder, images, detr=DETR):
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    write_dataset(folder / "data", "gate", {f"{i}.jpg": rows for i in range(4)})
    encoder = write_sentence_encoder(folder / "encoder")
    text = CONFIG.format(folder=folder / "data", encoder=encoder, images=images)
    path = folder / f"run_{images}.toml"
    path.write_text(text.replace("[model]", '[model]\nstudent = "ovdetr"') + detr)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Configuration and weights of a tiny run."""
    folder = tmp_path_factory.mktemp("detr")
    config = write_config(folder, 4)
    return config, train(config, folder / "out")


def options(folder, **changes):
    return LoadOptions(folder, run=RuntimeOptions(runtime=Runtime.EAGER, **changes))


def test_run_writes_its_losses(run):
    rows = list(csv.DictReader((run[1].parent / "curve.csv").read_text().splitlines()))

    assert [row["images"] for row in rows] == ["2", "4"]
    assert all(
        float(row[name]) > 0 for row in rows for name in ("many", "box", "single", "presence")
    )


def test_run_goes_on_where_it_stopped(run, tmp_path):
    whole = read_tensors(run[1])[0]
    config = write_config(tmp_path, 4)
    text = config.read_text().replace("images = 4", "images = 2").replace("save_images = 4000", "")
    shorter = tmp_path / "shorter.toml"
    shorter.write_text(text)

    train(shorter, tmp_path / "out")
    weights = train(config, tmp_path / "out")

    assert read_tensors(weights)[1]["images"] == 4
    assert set(read_tensors(weights)[0]) == set(whole)


def test_run_becomes_a_weights_folder_that_the_detector_loads(run, weights_dir):
    packaged = package_run(*run, weights_dir)

    detector = load_ovdetr(options(packaged.folder))
    query = Query("car", "car", ("car",), min_score=0.0)
    [found] = detector.detect([IMAGE], detector.encode([query]))

    assert find_backend("ovdetr").is_installed(packaged.folder, Path("none"))
    assert detector.info.known_names == ("car", "person")
    # Nothing is suppressed: every object query is there, unless its box is empty.
    assert len(found.score) == 6


def test_share_of_encoded_tokens_is_chosen_when_it_is_loaded(run, weights_dir):
    folder = package_run(*run, weights_dir).folder
    query = Query("car", "car", ("car",), min_score=0.0)

    scores = []
    for keep in (1.0, 0.2):
        detector = load_ovdetr(options(folder, encoder_keep=keep))
        scores.append(detector.detect([IMAGE], detector.encode([query]))[0].score)

    assert open_source(folder).graph is None
    assert not np.array_equal(*scores)


def test_score_of_a_query_does_not_depend_on_the_others(run, weights_dir):
    detector = load_ovdetr(options(package_run(*run, weights_dir).folder))
    car, person = (Query(name, name, (name,), min_score=0.0) for name in ("car", "person"))

    [alone] = detector.detect([IMAGE], detector.encode([car]))
    [both] = detector.detect([IMAGE], detector.encode([car, person]))

    np.testing.assert_allclose(both.score[both.label_id == 0], alone.score, atol=1e-6)


def test_folder_without_its_weights_is_refused(weights_dir):
    with pytest.raises(WeightsError, match="ovdetr"):
        load_ovdetr(options(weights_dir))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("keeps = [0.0]", r"shares in \(0, 1\]"),
        ('attention = "sparse"', "'sparse' is not a valid Attention"),
    ],
)
def test_configuration_that_makes_no_sense_is_refused(tmp_path, line, message):
    path = tmp_path / "run.toml"
    path.write_text(f'[data]\nfolder = "data"\n\n[detr]\n{line}\n')

    with pytest.raises(SettingsError, match=message):
        load_train_config(path)
