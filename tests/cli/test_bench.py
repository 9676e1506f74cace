import pytest

pytestmark = pytest.mark.weights


def test_bench_tells_every_runtime_and_keeps_what_auto_takes(ovd, tmp_path):
    outcome = ovd("bench", "--quick", "--rounds", "1", "--json")

    assert outcome.exit_code == 0
    found = outcome.json()
    assert found["baseline"] == "eager float32"
    assert {"eager", "onnx", "openvino"} == {row["runtime"] for row in found["network"]}
    assert {row["batch"] for row in found["network"]} == {1}
    detected = ovd("doctor", "--json").json()
    detail = next(check["detail"] for check in detected if check["check"] == "detector")
    assert f"computed with {found['auto'][0].replace(' ', ' in ')}" in detail
    assert "measured:" in detail


def test_bench_refuses_a_batch_of_nothing(ovd):
    outcome = ovd("bench", "--batch", "0")

    assert outcome.exit_code == 2
    assert "--batch must be at least 1" in outcome.stderr
