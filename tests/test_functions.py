import itertools
import subprocess
import sys

import numpy as np
import pytest

import ovd
from ovd.errors import (
    InputError,
    QueryError,
    SourceOpenError,
    UnknownDetectorError,
    UnknownRuntimeError,
)
from ovd.video.images import save_image
from tests.clips import make_steady_clip
from tests.fakes import FakeDetector

THREE = np.full((48, 64, 3), 3, dtype=np.uint8)


def test_import_brings_nothing_with_it():
    code = (
        "import sys, ovd; heavy = {'torch', 'numpy', 'cv2', 'ovd.bootstrap'} & sys.modules.keys(); "
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)  # noqa: S603

    assert done.returncode == 0, done.stderr


def test_public_names_are_listed_before_they_are_imported():
    assert set(ovd.__all__) <= set(dir(ovd))
    with pytest.raises(AttributeError, match="no attribute 'conut'"):
        ovd.conut  # noqa: B018


def test_detect_takes_an_array_or_a_file(tmp_path):
    save_image(tmp_path / "three.png", THREE)
    detector = FakeDetector()

    from_array = ovd.detect(THREE, ["person", "car"], detector=detector)
    from_file = ovd.detect(str(tmp_path / "three.png"), ["person"], detector=detector)

    assert from_array.labels == ("person", "car")
    assert len(from_array) == 6
    assert len(from_file) == 3


def test_detect_uses_the_threshold():
    assert len(ovd.detect(THREE, ["person"], detector=FakeDetector(), min_score=0.95)) == 0


@pytest.mark.parametrize(
    ("query_texts", "error", "told"),
    [
        (["unicorn"], QueryError, "'fake'.*'unicorn'"),
        ([], QueryError, "no query"),
        ("person", InputError, "a list"),
    ],
)
def test_detect_refuses_what_cannot_be_found(query_texts, error, told):
    with pytest.raises(error, match=told):
        ovd.detect(THREE, query_texts, detector=FakeDetector())


def test_read_query_says_what_is_not_supported():
    query = ovd.read_query("unicorn", FakeDetector())

    assert not query.supported
    assert query.note


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"runtime": "tensorrt"}, "'tensorrt'.*auto, eager, onnx, openvino"),
        ({"device": "tpu"}, "'tpu'.*auto, cpu, cuda"),
        ({"runtime": "onnx", "device": "cuda"}, "does not run on a GPU"),
    ],
)
def test_open_detector_refuses_an_unknown_runtime_or_device(options, told):
    with pytest.raises(UnknownRuntimeError, match=told):
        ovd.open_detector(**options)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("options", "setting", "computes"),
    [
        ({"runtime": "eager"}, "onnx", "eager"),
        ({"runtime": "onnx", "device": "cpu"}, "eager", "onnx"),
        ({}, "onnx", "onnx"),
    ],
)
def test_open_detector_computes_with_the_runtime_that_was_asked_for(
    options, setting, computes, monkeypatch, tmp_path
):
    monkeypatch.setenv("OVD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OVD_RUNTIME", setting)

    detector = ovd.open_detector(**options)

    assert detector.info.computation.runtime == computes


def test_open_detector_refuses_an_unknown_name():
    with pytest.raises(UnknownDetectorError, match="yolo"):
        ovd.open_detector("yolo")


@pytest.fixture
def clip(tmp_path):
    return make_steady_clip(tmp_path / "clip.mp4")


def test_count_yields_a_result_per_frame_and_keeps_nothing(clip, monkeypatch, tmp_path):
    monkeypatch.setenv("OVD_DATA_DIR", str(tmp_path / "data"))

    results = list(ovd.count(clip, ["person"], detector=FakeDetector(), fps=5))

    assert [result.counts[0].query.text for result in results] == ["person"] * 10
    assert not (tmp_path / "data" / "ovd.db").exists()


def test_count_keeps_with_a_database(clip, tmp_path):
    url = f"sqlite:///{tmp_path / 'kept.db'}"

    for _ in ovd.count(clip, ["person"], detector=FakeDetector(), db=url, camera="gate"):
        pass

    from ovd.bootstrap import open_history
    from ovd.settings import load_settings

    history = open_history(load_settings(db=url))
    runs = history.runs.all("gate")
    history.close()
    assert [run.detector for run in runs] == ["fake"]
    assert runs[0].weights_sha256 == FakeDetector.info.weights_sha256


def test_count_that_is_left_early_closes_its_run(clip, tmp_path):
    results = ovd.count(clip, ["person"], detector=FakeDetector())

    first = list(itertools.islice(results, 2))
    results.close()

    assert len(first) == 2


def test_count_refuses_queries_at_once(clip):
    with pytest.raises(QueryError, match="unicorn"):
        ovd.count(clip, ["unicorn"], detector=FakeDetector())


def test_count_of_a_missing_source_says_so(tmp_path):
    results = ovd.count(tmp_path / "nowhere.mp4", ["person"], detector=FakeDetector())

    with pytest.raises(SourceOpenError, match=r"nowhere\.mp4"):
        next(results)
