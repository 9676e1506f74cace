import pytest
import torch
from torch import nn

from ovd.errors import WeightsError
from ovd.training.engine.checkpoint import (
    Progress,
    load_state,
    load_weights,
    save_state,
    save_weights,
)


def test_state_is_loaded_with_its_progress(tmp_path):
    path = tmp_path / "run" / "state.pt"

    save_state(path, {"network": {"w": torch.ones(2)}}, Progress(step=3, images=24))
    state, progress = load_state(path)

    assert progress == Progress(3, 24)
    assert state["network"]["w"].tolist() == [1, 1]


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut off"])
def test_damaged_state_is_refused_by_name(tmp_path, content):
    path = tmp_path / "state.pt"
    path.write_bytes(content)

    with pytest.raises(WeightsError, match=r"state\.pt"):
        load_state(path)


def test_missing_state_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot read"):
        load_state(tmp_path / "state.pt")


def test_state_of_another_version_is_refused(tmp_path):
    torch.save({"version": 0}, tmp_path / "state.pt")

    with pytest.raises(WeightsError, match="version 1"):
        load_state(tmp_path / "state.pt")


def test_state_that_contains_code_is_refused(tmp_path):
    torch.save({"version": 1, "state": pytest.raises}, tmp_path / "state.pt")

    with pytest.raises(WeightsError, match="no training state"):
        load_state(tmp_path / "state.pt")


def test_interrupted_save_leaves_the_state_before(tmp_path):
    path = tmp_path / "state.pt"
    save_state(path, {}, Progress(1, 8))

    with pytest.raises((TypeError, AttributeError)):
        save_state(path, {"bad": (i for i in range(3))}, Progress(2, 16))

    assert load_state(path)[1] == Progress(1, 8)


def test_weights_are_loaded_in_half_precision_with_their_facts(tmp_path):
    path = tmp_path / "weights.safetensors"
    written, read = nn.Linear(32, 8), nn.Linear(32, 8)

    save_weights(path, {"network": written}, {"command": "ovd train"})
    facts = load_weights(path, {"network": read})

    assert facts == {"command": "ovd train"}
    torch.testing.assert_close(read.weight, written.weight.half().float())
    assert path.stat().st_mode & 0o444 == 0o444


def test_weights_of_another_architecture_are_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, {"network": nn.Linear(4, 2)}, {})

    with pytest.raises(WeightsError, match="another architecture than 'network'"):
        load_weights(path, {"network": nn.Linear(5, 2)})


def test_file_that_is_no_weights_is_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"12345678901234567890")

    with pytest.raises(WeightsError, match="cannot read weights"):
        load_weights(path, {})
