import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ovd.errors import RuntimeUnavailableError
from ovd.model.runtimes import openvino
from ovd.model.runtimes.openvino import OpenVinoRunner
from ovd.model.runtimes.options import Precision, RuntimeOptions
from tests.model.runtimes.networks import make_images


def make_runner(source, cache_dir=None, threads=1):
    return OpenVinoRunner(source.graph, RuntimeOptions(threads=threads, cache_dir=cache_dir))


def test_network_that_was_compiled_before_comes_from_the_cache(source, tmp_path):
    first = make_runner(source, tmp_path)(make_images())
    unreadable = replace(source, graph=replace(source.graph, topologies={}))

    again = make_runner(unreadable, tmp_path)(make_images())

    np.testing.assert_array_equal(again.region_embeds, first.region_embeds)


def test_cache_is_keyed_by_weights_and_threads(source, tmp_path):
    other = replace(source, graph=replace(source.graph, checksum="1"))
    for own, threads in ((source, 1), (source, 1), (other, 1), (source, 2)):
        make_runner(own, tmp_path, threads)(make_images())

    assert len(list(tmp_path.iterdir())) == 3


def test_cached_file_that_openvino_refuses_makes_the_network_compile_again(source, tmp_path):
    runner = make_runner(source, tmp_path)
    exact = runner(make_images())
    runner._cache.write(runner._key(make_images().shape[1:3]), b"of another version")

    again = make_runner(source, tmp_path)(make_images())

    np.testing.assert_array_equal(again.region_embeds, exact.region_embeds)


def test_graph_that_is_damaged_is_told(source):
    damaged = replace(source.graph, topologies={(64, 128): b""})

    with pytest.raises(RuntimeUnavailableError, match="OpenVINO cannot run it"):
        OpenVinoRunner(damaged, RuntimeOptions())(make_images())


def test_precision_that_the_processor_lacks_is_told(source, monkeypatch):
    monkeypatch.setattr(openvino, "_CAPABILITIES", {Precision.FLOAT16: "NONE"})

    with pytest.raises(RuntimeUnavailableError, match="no float16"):
        OpenVinoRunner(source.graph, RuntimeOptions(), Precision.FLOAT16)


def test_nothing_is_written_to_the_home_folder(tmp_path):
    code = (
        "from ovd.model.runtimes.openvino import import_openvino as i; i().Core(); "
        "import sys; sys.exit('openvino_telemetry' in sys.modules)"
    )
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ | home)  # noqa: S603

    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []
