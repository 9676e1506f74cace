from dataclasses import replace

import pytest

from ovd.errors import RuntimeUnavailableError
from ovd.model.runtimes.measure import (
    MeasurePlan,
    all_candidates,
    compare_runtimes,
    measure_start,
)
from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
from tests.model.runtimes.networks import SIZES, make_images

PLAN = MeasurePlan(SIZES[:1], batches=(1, 2), rounds=1)
OPTIONS = RuntimeOptions(threads=1)


# What a processor has only sometimes is measured by `ovd bench` after a trial elsewhere.
EVERYWHERE = [
    candidate
    for candidate in all_candidates(gpu=False)
    if candidate.precision is not Precision.BFLOAT16
]


def make_batch(size_hw, batch):
    return make_images(batch, size_hw)


def test_every_runtime_is_timed_by_input_and_batch(source):
    found = compare_runtimes(source, OPTIONS, PLAN, make_batch, EVERYWHERE)

    timed = {(str(item.candidate), item.batch) for item in found.timings}
    expected = {
        (f"{runtime} float32", batch)
        for runtime in ("eager", "onnx", "openvino")
        for batch in (1, 2)
    }
    assert expected <= timed
    assert all(item.ms > 0 for item in found.timings)
    assert "eager float16: PyTorch computes in float16 on a GPU only" in found.failures


def test_ranking_holds_only_what_counts_alike_fastest_first(source):
    found = compare_runtimes(source, OPTIONS, PLAN, make_batch, EVERYWHERE)

    ranking = found.ranking()

    assert {item.runtime for item in ranking} == {Runtime.EAGER, Runtime.ONNX, Runtime.OPENVINO}
    assert {item.precision for item in ranking} == {Precision.FLOAT32}
    assert [item.ms for item in ranking] == sorted(item.ms for item in ranking)


def test_error_says_why_where_nothing_works(source):
    (eager, *_) = all_candidates(gpu=False)
    order = [replace(eager, precision=Precision.FLOAT16)]

    with pytest.raises(RuntimeUnavailableError, match="float16 on a GPU only"):
        compare_runtimes(source, OPTIONS, PLAN, make_batch, order)


def test_gpu_is_measured_where_there_is_one():
    devices = {candidate.device for candidate in all_candidates(gpu=True)}

    assert devices == {Device.CPU, Device.CUDA}


@pytest.mark.weights
def test_start_is_measured_in_a_process_of_its_own(weights_dir):
    candidate = next(item for item in all_candidates() if item.spec.runtime is Runtime.ONNX)

    start = measure_start(candidate, "ovdense", weights_dir, OPTIONS)

    assert start.start_s > 0
    assert start.peak_mb is None or start.peak_mb > 30


def test_start_that_fails_is_told(tmp_path):
    candidate = all_candidates()[0]

    with pytest.raises(RuntimeUnavailableError, match=r"did not start: .*manifest"):
        measure_start(candidate, "ovdense", tmp_path, OPTIONS)
