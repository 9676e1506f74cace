"""OnnxRunner: runs a network with ONNX Runtime on the CPU."""

import os
import threading
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovd.errors import RuntimeUnavailableError, WeightsError
from ovd.model.runtimes.graph import INPUT, OUTPUTS, NetworkGraph
from ovd.model.runtimes.network_runner import NetworkOutput, join_outputs
from ovd.model.runtimes.processor import require_own_process, thread_count

LOADED_IN = os.getpid()
ERRORS_ONLY = 3


class OnnxRunner:
    """Implements `NetworkRunner`; one session per input size, made when it is first needed.

    The images of a batch go through one after the other: on a processor a batch takes as long.
    """

    def __init__(self, graph: NetworkGraph, threads: int = 0) -> None:
        """Keep a network.

        Args:
            graph: The network.
            threads: CPU threads; 0 takes all cores.

        Raises:
            RuntimeUnavailableError: If ONNX Runtime is not there.
        """
        require_own_process(LOADED_IN)
        try:
            self._library = import_module("onnxruntime")
        except ImportError as error:
            raise RuntimeUnavailableError(f"ONNX Runtime cannot be loaded: {error}") from error
        self._failures = _failures(self._library)
        self._graph = graph
        self._options = _session_options(self._library, thread_count(threads))
        self._sessions: dict[tuple[int, int], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """See `NetworkRunner`.

        Raises:
            RuntimeUnavailableError: If ONNX Runtime cannot load or run the network.
            ForkedProcessError: If this process was forked from the one that loaded it.
        """
        require_own_process(LOADED_IN)
        height, width = images.shape[1:3]
        try:
            session = self._session((int(height), int(width)))
            outputs = [session.run(OUTPUTS, {INPUT: image[None]}) for image in images]
        except self._failures as error:
            raise RuntimeUnavailableError(f"ONNX Runtime cannot run it: {error}") from error
        return join_outputs([NetworkOutput(*arrays) for arrays in outputs])

    def _session(self, size_hw: tuple[int, int]) -> Any:
        with self._lock:
            if size_hw not in self._sessions:
                self._sessions[size_hw] = self._library.InferenceSession(
                    self._graph.model(size_hw), self._options, providers=["CPUExecutionProvider"]
                )
            return self._sessions[size_hw]


def _failures(library: ModuleType) -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises; its errors have no class in common."""
    state = import_module(f"{library.__name__}.capi.onnxruntime_pybind11_state")
    own = tuple(
        item
        for item in vars(state).values()
        if isinstance(item, type) and issubclass(item, Exception)
    )
    return (*own, RuntimeError, ValueError, WeightsError)


def _session_options(library: ModuleType, threads: int) -> Any:
    """Return options under which threads neither spin nor are bound to cores."""
    options = library.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
