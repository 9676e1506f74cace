import pytest


@pytest.mark.weights
def test_detectors_lists_those_that_ship(ovd):
    rows = ovd("detectors", "--json").json()

    assert [row["name"] for row in rows if row["embedded"]] == ["ovdense", "embedded"]
    assert {"owlvit-base", "owlv2-large", "omdet-turbo-tiny", "llmdet-base", "sam3"} <= {
        row["name"] for row in rows
    }
    assert set(rows[0]) == {
        "name", "licence", "parameters", "input", "revision", "installed", "embedded",
        "independent_scores", "runtime", "precision", "device", "any_phrase",
        "needs_acceptance", "repository", "cited", "published",
    }  # fmt: skip
    assert (rows[0]["runtime"], rows[0]["precision"]) == ("openvino", "float32")
    assert rows[1]["input"] == [{"width": 300, "height": 300}]
    assert [row["name"] for row in rows if row["installed"]] == ["ovdense", "embedded"]
    assert [row["name"] for row in rows if row["needs_acceptance"]] == ["sam3"]


@pytest.mark.weights
def test_detectors_shows_the_runtime_of_the_settings(ovd, monkeypatch):
    monkeypatch.setenv("OVD_RUNTIME", "eager")

    assert "computed with eager in float32 on cpu" in ovd("detectors").stdout


def test_detectors_without_weights_are_not_installed(ovd, monkeypatch, tmp_path):
    monkeypatch.setenv("OVD_WEIGHTS_DIR", str(tmp_path))

    outcome = ovd("detectors")

    assert outcome.exit_code == 0
    assert "ovdense  6.1 M parameters; input 448 x 320" in outcome.stdout
    assert "not installed" in outcome.stdout
