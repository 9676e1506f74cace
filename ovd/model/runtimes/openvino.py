"""OpenVinoRunner: runs a network with OpenVINO on the CPU."""

import logging
import os
import sys
import threading
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ovd.errors import RuntimeUnavailableError, WeightsError
from ovd.model.runtimes.compiled_cache import CompiledCache
from ovd.model.runtimes.graph import OUTPUTS, NetworkGraph
from ovd.model.runtimes.int8 import Int8Ranges, quantise
from ovd.model.runtimes.network_runner import NetworkOutput, join_outputs
from ovd.model.runtimes.options import Precision, RuntimeOptions
from ovd.model.runtimes.processor import processor_id, require_own_process, thread_count

_LOG = logging.getLogger(__name__)
LOADED_IN = os.getpid()
# The converter of models, imported beside OpenVINO, would send usage data and write to the home
# folder; without it the import takes half as long.
_UNWANTED = ("openvino_telemetry", "openvino.tools.ovc")
_IMPORT_LOCK = threading.Lock()
HINTS = {Precision.FLOAT32: "f32", Precision.BFLOAT16: "bf16", Precision.FLOAT16: "f16"}
# What OpenVINO calls the precisions that a processor may lack.
_CAPABILITIES = {Precision.BFLOAT16: "BF16", Precision.FLOAT16: "FP16"}


def import_openvino() -> ModuleType:
    """Import OpenVINO without what sends usage data.

    Raises:
        ImportError: If it is not installed, or cannot be loaded on this machine.
    """
    with _IMPORT_LOCK:
        blocked = [name for name in _UNWANTED if name not in sys.modules]
        for name in blocked:
            sys.modules[name] = cast(ModuleType, None)
        try:
            return import_module("openvino")
        finally:
            for name in blocked:
                sys.modules.pop(name, None)


class OpenVinoRunner:
    """Implements `NetworkRunner`; compiles once per input size, when it is first needed.

    The images of a batch go through one after the other: on a processor a batch takes as long.
    """

    def __init__(
        self,
        graph: NetworkGraph,
        options: RuntimeOptions,
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        """Keep a network.

        Args:
            graph: The network.
            options: Threads, and where compiled networks are kept.
            precision: Type of the numbers inside; one that the processor computes with.

        Raises:
            RuntimeUnavailableError: If OpenVINO is not there or lacks the precision, or if nothing
                ships that 8 bits need.
        """
        require_own_process(LOADED_IN)
        try:
            self._openvino = import_openvino()
            self._core = self._openvino.Core()
            able = self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        except (ImportError, RuntimeError) as error:
            raise RuntimeUnavailableError(f"OpenVINO cannot be loaded: {error}") from error
        if precision in _CAPABILITIES and _CAPABILITIES[precision] not in able:
            raise RuntimeUnavailableError(f"OpenVINO on this processor has no {precision}")
        self._graph = graph
        self._int8 = _read_int8(graph) if precision is Precision.INT8 else None
        self._config = _compile_config(thread_count(options.threads), precision)
        self._cache = CompiledCache(options.cache_dir)
        self._requests: dict[tuple[int, int], Any] = {}
        # A request holds one image at a time; its threads are the same for all callers anyway.
        self._lock = threading.Lock()

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """See `NetworkRunner`.

        Raises:
            RuntimeUnavailableError: If OpenVINO cannot compile or run the network.
            ForkedProcessError: If this process was forked from the one that loaded it.
        """
        require_own_process(LOADED_IN)
        height, width = images.shape[1:3]
        with self._lock:
            try:
                request = self._request((int(height), int(width)))
                return join_outputs([_infer(request, image[None]) for image in images])
            except (RuntimeError, WeightsError) as error:
                raise RuntimeUnavailableError(f"OpenVINO cannot run it: {error}") from error

    def _request(self, size_hw: tuple[int, int]) -> Any:
        if size_hw not in self._requests:
            self._requests[size_hw] = self._compile(size_hw).create_infer_request()
        return self._requests[size_hw]

    def _compile(self, size_hw: tuple[int, int]) -> Any:
        """Return the compiled network of an input size, from the cache where that has it."""
        key = self._key(size_hw)
        kept = self._cache.read(key)
        if kept is not None:
            try:
                return self._core.import_model(BytesIO(kept), "CPU", self._config)
            except RuntimeError as error:
                _LOG.warning("OpenVINO compiles the network again: %s", error)
        model = self._core.read_model(self._graph.model(size_hw))
        if self._int8 is not None:
            quantise(model, self._int8)
        compiled = self._core.compile_model(model, "CPU", self._config)
        self._cache.write(key, _to_bytes(compiled.export_model()))
        return compiled

    def _key(self, size_hw: tuple[int, int]) -> str:
        facts = (
            self._graph.checksum,
            self._int8.checksum if self._int8 else "",
            "x".join(map(str, size_hw)),
            self._openvino.get_version(),
            processor_id(),
            *(f"{name}={value}" for name, value in sorted(self._config.items())),
        )
        return "\n".join(facts)


def _read_int8(graph: NetworkGraph) -> Int8Ranges:
    try:
        found = graph.read_int8()
    except WeightsError as error:
        raise RuntimeUnavailableError(str(error)) from error
    if found is None:
        raise RuntimeUnavailableError("the weights folder has no ranges for 8 bits")
    return found


def _compile_config(threads: int, precision: Precision) -> dict[str, Any]:
    """Return a configuration for one image at a time, with threads bound to no cores."""
    return {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": HINTS.get(precision, "f32"),
    }


def _infer(request: Any, image: NDArray[np.uint8]) -> NetworkOutput:
    request.infer([image], share_inputs=True)
    arrays = [request.get_tensor(name).data.astype(np.float32) for name in OUTPUTS]
    return NetworkOutput(*arrays)


def _to_bytes(exported: Any) -> bytes:
    """Return what `export_model` made; older releases give a stream."""
    return bytes(exported.getvalue() if hasattr(exported, "getvalue") else exported)
