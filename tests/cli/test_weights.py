import pytest

from tests.model.hub.hub_server import HubServer

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


def test_pulled_model_is_listed_and_missing_one_tells_its_command(ovd, monkeypatch, tmp_path):
    monkeypatch.setenv("OVD_MODELS_DIR", str(tmp_path / "models"))
    files = {"config.json": b'{"model_type": "owlvit"}', "model.safetensors": b"weights"}
    with HubServer("google/owlvit-base-patch32", files) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        pulled = ovd("weights", "pull", "owlvit-base", "--json").json()
    rows = ovd("detectors", "--json").json()
    missing = ovd("detect", "none.jpg", "-q", "cat", "--detector", "owlv2-base")

    assert pulled == {
        "model": "owlvit-base",
        "folder": str(tmp_path / "models" / "owlvit-base"),
    }
    assert next(row["installed"] for row in rows if row["name"] == "owlvit-base")
    assert missing.exit_code == 2
    assert "ovd weights pull owlv2-base" in missing.stderr


def test_folder_copied_by_hand_is_added(ovd, monkeypatch, tmp_path):
    monkeypatch.setenv("OVD_MODELS_DIR", str(tmp_path / "models"))
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "owlvit"}')
    (folder / "model.safetensors").write_bytes(b"weights")

    outcome = ovd("weights", "add", str(folder))

    assert outcome.exit_code == 0
    assert "--detector owlvit-base" in outcome.stdout
