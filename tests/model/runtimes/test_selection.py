from dataclasses import replace

import numpy as np
import pytest

from ovd.domain.ports import Computation
from ovd.errors import RuntimeUnavailableError, UnknownRuntimeError
from ovd.model.runtimes import selection
from ovd.model.runtimes.eager import EagerRunner
from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
from ovd.model.runtimes.ranking import RankedRuntime
from ovd.model.runtimes.selection import (
    Candidate,
    ReliableRunner,
    RuntimeSpec,
    candidates,
    expect_candidate,
    open_runner,
)
from tests.model.runtimes.networks import make_images

FLOAT32 = (Precision.FLOAT32,)


def works(source, options, precision):
    return EagerRunner(source.build())


def broken(source, options, precision):
    raise RuntimeUnavailableError("it lacks something")


class FailsFrom:
    """Works for a while."""

    def __init__(self, source, calls):
        self._run, self._left = EagerRunner(source.build()), calls

    def __call__(self, images):
        if not self._left:
            raise RuntimeUnavailableError("out of memory")
        self._left -= 1
        return self._run(images)


def make_order(*openers):
    names = (Runtime.OPENVINO, Runtime.ONNX, Runtime.EAGER)
    return [
        Candidate(RuntimeSpec(name, FLOAT32, opener), Precision.FLOAT32)
        for name, opener in zip(names, openers, strict=False)
    ]


def test_first_that_works_is_taken(source):
    runner = ReliableRunner(source, RuntimeOptions(), make_order(works, broken))

    assert runner.computation == Computation("openvino", "float32", ())


def test_next_is_taken_with_a_note_where_the_first_does_not_work(source, caplog):
    runner = ReliableRunner(source, RuntimeOptions(), make_order(broken, works))

    assert runner.computation.runtime == "onnx"
    assert runner.computation.notes == ("openvino float32 is not used: it lacks something",)
    assert runner.computation.notes[0] in caplog.text


def test_package_that_is_not_installed_is_skipped(source):
    def missing(source, options, precision):
        raise ImportError("no module")

    runner = ReliableRunner(source, RuntimeOptions(), make_order(missing, works))

    assert runner.computation.runtime == "onnx"


def test_next_takes_over_where_one_fails_later(source):
    order = make_order(lambda source, *_: FailsFrom(source, 2), works)
    runner = ReliableRunner(source, RuntimeOptions(), order)
    before = runner(make_images())

    after = runner(make_images())

    np.testing.assert_array_equal(after.region_embeds, before.region_embeds)
    assert runner.computation.runtime == "onnx"


def test_expected_runtime_is_the_first_that_is_installed(monkeypatch):
    monkeypatch.setattr(
        selection,
        "RUNTIMES",
        (
            RuntimeSpec(Runtime.OPENVINO, FLOAT32, broken, "no_such_package"),
            RuntimeSpec(Runtime.EAGER, FLOAT32, broken, "torch"),
        ),
    )

    expected = expect_candidate("0" * 64, RuntimeOptions(device=Device.CPU))

    assert str(expected) == "eager float32"


def test_error_names_every_reason_where_none_works(source):
    with pytest.raises(RuntimeUnavailableError, match=r"openvino .* something; onnx .* something"):
        ReliableRunner(source, RuntimeOptions(), make_order(broken, broken))


def test_network_without_a_graph_runs_in_eager(source):
    runner = open_runner(replace(source, graph=None), RuntimeOptions(threads=1))

    assert runner.computation.runtime == "eager"
    assert all("no graph of the network" in note for note in runner.computation.notes)


def test_what_was_asked_for_comes_first():
    order = candidates(RuntimeOptions(Runtime.EAGER, Precision.BFLOAT16))

    assert str(order[0]) == "eager bfloat16"
    assert {candidate.precision for candidate in order[1:]} == {Precision.FLOAT32}


def test_runtime_without_a_precision_is_refused():
    with pytest.raises(UnknownRuntimeError, match="onnx does not compute in bfloat16; known are"):
        candidates(RuntimeOptions(Runtime.ONNX, Precision.BFLOAT16))


def test_gpu_that_is_there_comes_first():
    order = candidates(RuntimeOptions(), gpu=True)

    assert str(order[0]) == "eager float32 on cuda"


def test_gpu_is_asked_for_with_pytorch_only():
    with pytest.raises(UnknownRuntimeError, match="--runtime eager"):
        candidates(RuntimeOptions(Runtime.ONNX, device=Device.CUDA))


def test_what_was_measured_comes_before_the_usual_order():
    ranking = [
        RankedRuntime(Runtime.ONNX, Precision.FLOAT32, Device.CPU, 20.0),
        RankedRuntime(Runtime.EAGER, Precision.FLOAT32, Device.CPU, 40.0),
    ]

    order = candidates(RuntimeOptions(), ranking, gpu=False)

    assert [str(item) for item in order] == ["onnx float32", "eager float32", "openvino float32"]


def test_what_was_asked_for_comes_before_what_was_measured():
    ranking = [RankedRuntime(Runtime.ONNX, Precision.FLOAT32, Device.CPU, 20.0)]

    order = candidates(RuntimeOptions(Runtime.EAGER), ranking, gpu=False)

    assert str(order[0]) == "eager float32"
