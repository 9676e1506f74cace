import csv
import hashlib
from pathlib import Path

import pytest
import torch

from ovd.errors import SettingsError, WeightsError
from ovd.model.spelling.edits import Alphabet
from ovd.model.spelling.shape import SpellingConfig
from ovd.model.spelling.speller import load_speller
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.speller.examples import Example, join_examples
from ovd.training.speller.trainer import (
    CURVE_COLUMNS,
    HANGUL,
    LATIN,
    SpellerConfig,
    SpellerTrainer,
    SpellingSchedule,
    train_speller,
)

TINY = """
[model]
width = 32
encoder_layers = 1
[schedule]
steps = {steps}
batch = 8
log_steps = 2
save_steps = 2
dev_examples = 3
decay_share = 0.0
"""


def write_config(folder: Path, steps: int = 4) -> Path:
    path = folder / f"tiny{steps}.toml"
    path.write_text(TINY.format(steps=steps), encoding="utf-8")
    return path


def test_run_leaves_weights_that_load_and_a_curve(tmp_path):
    weights = train_speller(write_config(tmp_path), tmp_path, command="ovd train-speller tiny")

    content = weights.read_bytes()
    (tmp_path / "manifest.toml").write_text(
        f'[[weights]]\nfile = "{weights.name}"\nrole = "speller"\nused_by = ["speller"]\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\nsize = {len(content)}\n'
        'licence = "Apache-2.0"\norigin = "a test"\n'
    )
    load_speller(tmp_path).correct("persn")
    rows = list(csv.reader((tmp_path / "curve.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == list(CURVE_COLUMNS)
    assert [row[0] for row in rows[1:]] == ["2", "4"]
    assert read_tensors(weights)[1]["command"] == "ovd train-speller tiny"


def test_resumed_run_equals_an_uninterrupted_one(tmp_path):
    whole = train_speller(write_config(tmp_path), tmp_path / "whole")
    train_speller(write_config(tmp_path, steps=2), tmp_path / "parts")

    parts = train_speller(write_config(tmp_path), tmp_path / "parts")

    (wanted, _), (got, _) = read_tensors(whole), read_tensors(parts)
    assert wanted.keys() == got.keys()
    assert all(torch.equal(wanted[name], got[name]) for name in wanted)


def test_network_learns_to_correct_its_examples():
    schedule = SpellingSchedule(steps=60, rate=1e-2, warmup_steps=5, ema_steps=1)
    trainer = SpellerTrainer(
        SpellerConfig(model=SpellingConfig(32, 1, 1), schedule=schedule), torch.device("cpu")
    )
    pairs = [("persn", "person"), ("crr", "car"), ("person", "person"), ("tkf", "ㅅㅏㄹ")]
    batch = join_examples([Example(*pair) for pair in pairs], Alphabet(LATIN + HANGUL))

    for _ in range(schedule.steps):
        edit_loss, wrong_loss = trainer.learn(batch)

    assert edit_loss < 0.1
    assert wrong_loss < 0.1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[schedule]\nsteps = 0", "at least 1"),
        ("[model]\nwidth = 33", "multiple of 32"),
        ("[modle]\nwidth = 32", "modle"),
    ],
)
def test_wrong_configuration_is_refused(tmp_path, text, part):
    (tmp_path / "c.toml").write_text(text)

    with pytest.raises(SettingsError, match=part):
        train_speller(tmp_path / "c.toml", tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_unknown_device_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="abacus"):
        train_speller(write_config(tmp_path), tmp_path / "out", device="abacus")


def test_state_of_another_network_is_not_resumed(tmp_path):
    train_speller(write_config(tmp_path, steps=2), tmp_path / "out")
    other = write_config(tmp_path)
    other.write_text(other.read_text().replace("width = 32", "width = 64"))

    with pytest.raises(WeightsError, match="another run"):
        train_speller(other, tmp_path / "out")
