import pytest

from ovd.model.weights import WeightsState, check_weights
from tests.training.datasets import write_dataset
from tests.training.engine.test_run import CONFIG
from tests.training.sentence_builders import write_sentence_encoder


@pytest.fixture
def config(tmp_path):
    encoder = write_sentence_encoder(tmp_path / "encoder")
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    write_dataset(tmp_path / "data", "gate", {f"{i}.jpg": rows for i in range(4)})
    path = tmp_path / "run.toml"
    path.write_text(CONFIG.format(folder=tmp_path / "data", encoder=encoder, images=8))
    return path


def test_training_prints_the_weights_folder_it_made(ovd, tmp_path, config):
    outcome = ovd("train", config, "--out", tmp_path / "out")

    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.strip() == str(tmp_path / "out" / "detector")
    assert {status.state for status in check_weights(tmp_path / "out" / "detector")} == {
        WeightsState.OK
    }


def test_two_processes_train_one_network(ovd, tmp_path, config):
    outcome = ovd("train", config, "--out", tmp_path / "out", "--processes", "2")

    assert outcome.exit_code == 0, outcome.stderr
    curve = (tmp_path / "out" / "curve.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in curve[1:]] == ["4", "8"]
    assert (tmp_path / "out" / "rank_1" / "curve.csv").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("images = 8", "images = 'many'"), "wanted int, got 'many'"),
        (("[model]", "[model]\nheight = 1"), "unknown key height"),
        (('annotations = "*.json"', 'annotations = "*.xml"'), "no file matches '*.xml'"),
    ],
)
def test_bad_configuration_is_one_line_and_exit_2(ovd, tmp_path, config, change, says):
    config.write_text(config.read_text().replace(*change))

    outcome = ovd("train", config, "--out", tmp_path / "out")

    assert outcome.exit_code == 2
    assert says in outcome.stderr
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize("processes", ["0", "4000"])
def test_more_processes_than_cores_are_refused(ovd, tmp_path, config, processes):
    outcome = ovd("train", config, "--out", tmp_path / "out", "--processes", processes)

    assert outcome.exit_code == 2
    assert "one per core" in outcome.stderr
