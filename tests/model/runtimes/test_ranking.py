import pytest

from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
from ovd.model.runtimes.ranking import (
    FILE,
    RankedRuntime,
    ranking_key,
    read_ranking,
    write_ranking,
)


def make_ranked(runtime=Runtime.ONNX, ms=20.0):
    return RankedRuntime(runtime, Precision.FLOAT32, Device.CPU, ms)


def test_ranking_comes_back_fastest_first(tmp_path):
    slow, fast = make_ranked(Runtime.EAGER, 40.0), make_ranked(Runtime.ONNX, 20.0)

    write_ranking(tmp_path / "new", "key", [slow, fast])

    assert read_ranking(tmp_path / "new", "key") == (fast, slow)


def test_ranking_of_another_machine_or_network_does_not_count(tmp_path):
    write_ranking(tmp_path, "key", [make_ranked()])

    assert read_ranking(tmp_path, "other") == ()
    assert read_ranking(None, "key") == ()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"key": [{"runtime": "none"}]}', "null"])
def test_damaged_file_is_left_out_with_a_warning(tmp_path, caplog, content):
    (tmp_path / FILE).write_text(content)

    assert read_ranking(tmp_path, "key") == ()
    assert "nothing counts as measured" in caplog.text


def test_key_depends_on_network_and_threads():
    keys = {
        ranking_key(checksum, RuntimeOptions(threads=threads))
        for checksum in ("a", "b")
        for threads in (1, 2)
    }

    assert len(keys) == 4
