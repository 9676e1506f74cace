import pytest

pytestmark = pytest.mark.weights


def test_weights_list_tells_state_and_licence(ovd):
    entries = ovd("weights", "list", "--json").json()

    assert {entry["state"] for entry in entries} == {"ok"}
    assert all(entry["licence"] for entry in entries)


def test_weights_verify_passes_on_shipped_weights(ovd):
    outcome = ovd("weights", "verify")

    assert outcome.exit_code == 0
    assert "ssd_mobilenet_v2_coco.safetensors  ok" in outcome.stdout


def test_missing_weights_folder_says_what_to_do(ovd, monkeypatch, tmp_path):
    monkeypatch.setenv("OVD_WEIGHTS_DIR", str(tmp_path / "nowhere"))

    outcome = ovd("weights", "verify")

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("error[weights_missing]: ")
    assert "OVD_WEIGHTS_DIR" in outcome.stderr
