from dataclasses import replace

import pytest

from ovd.errors import RuntimeUnavailableError
from ovd.model.runtimes.onnx import OnnxRunner
from tests.model.runtimes.networks import make_images


@pytest.mark.parametrize("topology", [b"", b"no graph"])
def test_graph_that_is_damaged_is_told(source, topology):
    damaged = replace(source.graph, topologies={(64, 128): topology})

    with pytest.raises(RuntimeUnavailableError, match="ONNX Runtime cannot run it"):
        OnnxRunner(damaged)(make_images())


def test_threads_neither_spin_nor_are_counted_by_the_library(source):
    options = OnnxRunner(source.graph, threads=3)._options

    assert options.intra_op_num_threads == 3
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
