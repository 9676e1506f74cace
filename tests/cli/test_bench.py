import json

import pytest

from ovd.bootstrap import detectors

pytestmark = pytest.mark.weights


def test_bench_tells_every_runtime_and_keeps_what_auto_takes(ovd, tmp_path, monkeypatch):
    # Not the folder that other tests share: what is measured here is not theirs to follow.
    monkeypatch.setattr(detectors, "RUNTIME_CACHE", tmp_path / "runtimes")

    outcome = ovd("bench", "--quick", "--rounds", "1", "--json")

    assert outcome.exit_code == 0
    found = outcome.json()
    assert found["baseline"] == "eager float32"
    assert {"eager", "onnx", "openvino"} == {row["runtime"] for row in found["network"]}
    assert {row["batch"] for row in found["network"]} == {1}
    assert set(found["auto"]) == {f"{name} float32" for name in ("eager", "onnx", "openvino")}
    assert json.loads((tmp_path / "runtimes" / "ranking.json").read_text())


def test_bench_refuses_a_batch_of_nothing(ovd):
    outcome = ovd("bench", "--batch", "0")

    assert outcome.exit_code == 2
    assert "--batch must be at least 1" in outcome.stderr
