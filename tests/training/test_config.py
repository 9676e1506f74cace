from pathlib import Path

import pytest

from ovd.errors import SettingsError
from ovd.training.config import ModelConfig, load_train_config

MINIMAL = '[data]\nfolder = "data"\n'


def load(tmp_path, text):
    path = tmp_path / "run.toml"
    path.write_text(text)
    return load_train_config(path)


def test_folder_of_the_data_is_enough(tmp_path):
    config = load(tmp_path, MINIMAL)

    assert config.data.folder == "data"
    assert config.schedule.batch > 1
    assert config.augment.mosaic > 0


def test_tables_are_read_and_whole_numbers_serve_as_fractions(tmp_path):
    text = MINIMAL + 'hold_out = ["cat", "dog"]\n[schedule]\nrate = 1\n[augment]\nmosaic = 0\n'

    config = load(tmp_path, text)

    assert config.data.hold_out == ("cat", "dog")
    assert config.schedule.rate == 1.0
    assert config.augment.mosaic == 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[data\n", "cannot read"),
        ("", "data"),
        (MINIMAL + "[schedule]\nepochs = 3\n", "unknown key epochs; known: .*images"),
        (MINIMAL + '[schedule]\nbatch = "many"\n', "schedule: batch: wanted int, got 'many'"),
        (MINIMAL + "[schedule]\nbatch = true\n", "wanted int, got True"),
        (MINIMAL + "[schedule]\nbatch = 1\n", "images >= batch >= 2"),
        (MINIMAL + "hold_out = [3]\n", r"hold_out\[0\]: wanted str"),
        (MINIMAL + "schedule = 3\n", "wanted|unknown"),
    ],
)
def test_wrong_configuration_is_refused_by_name(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message):
        load(tmp_path, text)


def test_keys_of_earlier_versions_are_read(tmp_path):
    config = load(tmp_path, MINIMAL + "[said]\ncount = 3\n[loss]\nsaid = 0.7\n")

    assert (config.captions.count, config.loss.captions) == (3, 0.7)


def test_a_key_is_not_read_under_two_names(tmp_path):
    with pytest.raises(SettingsError, match="unknown key said"):
        load(tmp_path, MINIMAL + "[loss]\nsaid = 0.7\ncaptions = 0.2\n")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_train_config(tmp_path / "none.toml")


def test_shipped_configuration_is_valid():
    paths = list((Path(__file__).parents[2] / "configs").glob("ov*.toml"))

    assert paths
    assert all(load_train_config(path).data.folder for path in paths)


def test_an_unknown_student_is_refused():
    with pytest.raises(ValueError, match="student must be one of"):
        ModelConfig(student="yolo")
