"""What is taught reaches whatever looks for it."""

from pathlib import Path

import numpy as np
import pytest

import ovd
from ovd.bootstrap import load_region_bank
from ovd.bootstrap.teaching import FollowedNames, read_taught_names
from ovd.detection.taught.file import load_taught_names, save_taught_names
from ovd.errors import TaughtNameError
from ovd.settings import Settings
from tests.builders import make_example, make_taught
from tests.fakes import MemoryTaughtNames

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"


def test_names_come_back_from_a_file_as_they_were(tmp_path: Path):
    taught = make_taught("forklift", examples=[make_example(1)]).kept_as(3, None)

    save_taught_names(tmp_path / "names.npz", [taught])
    [found] = load_taught_names(tmp_path / "names.npz")

    assert (found.prompt, found.estimate) == (taught.prompt, taught.estimate)
    assert found.vectors[0].vector.tolist() == taught.vectors[0].vector.tolist()
    assert found.examples[0].region_embeds.tolist() == taught.examples[0].region_embeds.tolist()


def test_file_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(TaughtNameError, match="cannot read"):
        ovd.open_detector(taught=tmp_path / "nowhere.npz")


def test_database_that_does_not_exist_holds_no_names_and_is_not_made(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, db=f"sqlite:///{tmp_path / 'ovd.db'}")

    assert read_taught_names(settings) == ()
    assert not (tmp_path / "ovd.db").exists()


def test_server_reads_names_again_when_they_are_old():
    names, now = MemoryTaughtNames(), [0.0]
    followed = FollowedNames(names, lambda: now[0])

    before = followed()
    names.add(make_taught())
    soon = followed()
    now[0] += 5.0

    assert (len(before), len(soon), len(followed())) == (0, 0, 1)


@pytest.mark.weights
def test_bank_that_ships_belongs_to_the_network_that_ships():
    bank = load_region_bank(WEIGHTS, "ovdense")

    assert bank.images > 400
    assert np.isfinite(bank.embeds).all()
    assert np.diff(bank.image_id).min() >= 0
