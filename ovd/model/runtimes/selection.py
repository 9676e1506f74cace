"""Choice among runtimes: the fastest that works here, the next one where it does not."""

import importlib.util
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ovd.domain.ports import Computation
from ovd.domain.ports.detector import UNKNOWN_COMPUTATION
from ovd.errors import ForkedProcessError, RuntimeUnavailableError, UnknownRuntimeError
from ovd.model.runtimes.graph import NetworkGraph
from ovd.model.runtimes.network_runner import NetworkOutput, NetworkRunner
from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
from ovd.model.runtimes.processor import has_gpu
from ovd.model.runtimes.ranking import RankedRuntime, ranking_key, read_ranking

if TYPE_CHECKING:
    from ovd.model.predictions import DetectionNetwork

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class NetworkSource:
    """A network in every form that a runtime may read.

    Attributes:
        checksum: SHA-256 of its weights, hexadecimal.
        input_sizes: Heights and widths in pixels that its input may have.
        build: Imports torch and builds the network, in evaluation mode.
        graph: The network as ONNX; None where its topology does not ship.
    """

    checksum: str
    input_sizes: tuple[tuple[int, int], ...]
    build: Callable[[], "DetectionNetwork"]
    graph: NetworkGraph | None = None

    def require_graph(self) -> NetworkGraph:
        """Return the network as ONNX.

        Raises:
            RuntimeUnavailableError: If there is none.
        """
        if self.graph is None:
            raise RuntimeUnavailableError("the weights folder has no graph of the network")
        return self.graph


@dataclass(frozen=True)
class RuntimeSpec:
    """One entry of the table of runtimes.

    Attributes:
        runtime: Name by which users choose it.
        precisions: Those it computes in, its usual one first.
        open: Imports it and gives it the network.
        package: Name by which it is imported.
    """

    runtime: Runtime
    precisions: tuple[Precision, ...]
    open: Callable[[NetworkSource, RuntimeOptions, Precision], NetworkRunner]
    package: str = ""

    @property
    def installed(self) -> bool:
        """Return whether its package is here; nothing is imported, so it may fail all the same."""
        return importlib.util.find_spec(self.package) is not None


def _open_eager(
    source: NetworkSource, options: RuntimeOptions, precision: Precision
) -> NetworkRunner:
    from ovd.model.runtimes.eager import EagerRunner, computes_in_bfloat16, limit_threads

    limit_threads(options.threads)
    if options.device is not Device.CUDA and precision is Precision.FLOAT16:
        raise RuntimeUnavailableError("PyTorch computes in float16 on a GPU only")
    in_bfloat16 = options.device is not Device.CUDA and precision is Precision.BFLOAT16
    if in_bfloat16 and not computes_in_bfloat16():
        raise RuntimeUnavailableError("this processor does not compute in bfloat16")
    device = Device.CUDA if options.device is Device.CUDA else Device.CPU
    return EagerRunner(source.build(), precision, device)


def _open_onnx(
    source: NetworkSource, options: RuntimeOptions, precision: Precision
) -> NetworkRunner:
    from ovd.model.runtimes.onnx import OnnxRunner

    return OnnxRunner(source.require_graph(), options.threads)


def _open_openvino(
    source: NetworkSource, options: RuntimeOptions, precision: Precision
) -> NetworkRunner:
    from ovd.model.runtimes.openvino import OpenVinoRunner

    return OpenVinoRunner(source.require_graph(), options, precision)


# The fastest first, as measured in docs/lab/runtimes.md.
RUNTIMES: tuple[RuntimeSpec, ...] = (
    RuntimeSpec(
        Runtime.OPENVINO,
        (Precision.FLOAT32, Precision.BFLOAT16, Precision.INT8),
        _open_openvino,
        "openvino",
    ),
    RuntimeSpec(Runtime.ONNX, (Precision.FLOAT32,), _open_onnx, "onnxruntime"),
    RuntimeSpec(
        Runtime.EAGER,
        (Precision.FLOAT32, Precision.BFLOAT16, Precision.FLOAT16),
        _open_eager,
        "torch",
    ),
)


def find_runtime(runtime: Runtime) -> RuntimeSpec:
    """Return the entry of a runtime of the table."""
    return next(spec for spec in RUNTIMES if spec.runtime is runtime)


@dataclass(frozen=True)
class Candidate:
    """A runtime with a precision and a device."""

    spec: RuntimeSpec
    precision: Precision
    device: Device = Device.CPU

    def __str__(self) -> str:
        return f"{self.spec.runtime} {self.precision}" + (
            f" on {self.device}" if self.device is not Device.CPU else ""
        )

    def open(self, source: NetworkSource, options: RuntimeOptions) -> NetworkRunner:
        """Import the runtime and give it the network.

        Raises:
            RuntimeUnavailableError: If it does not work here.
        """
        try:
            return self.spec.open(source, replace(options, device=self.device), self.precision)
        except ImportError as error:
            raise RuntimeUnavailableError(str(error)) from error


def candidates(
    options: RuntimeOptions, ranking: Sequence[RankedRuntime] = (), gpu: bool | None = None
) -> tuple[Candidate, ...]:
    """Return what to try, in order: what was asked for, then the others in float32.

    Args:
        options: Runtime, precision and device that are wanted.
        ranking: What was measured here, the fastest first; it comes before the usual order.
        gpu: Whether there is a GPU; None looks for one.

    Raises:
        UnknownRuntimeError: If the runtime has no such precision, or does not run on the device.
    """
    wanted = [
        Candidate(spec, spec.precisions[0] if options.precision is Precision.AUTO else precision)
        for spec in RUNTIMES
        for precision in (options.precision,)
        if options.runtime in (Runtime.AUTO, spec.runtime)
        and precision in (Precision.AUTO, *spec.precisions)
    ]
    if not wanted:
        pairs = "; ".join(f"{spec.runtime}: {', '.join(spec.precisions)}" for spec in RUNTIMES)
        raise UnknownRuntimeError(
            f"the runtime {options.runtime} does not compute in {options.precision}; known are "
            f"{pairs}"
        )
    on_gpu = [
        replace(candidate, device=Device.CUDA)
        for candidate in wanted
        if candidate.spec.runtime is Runtime.EAGER
    ]
    if options.device is Device.CUDA and not on_gpu:
        raise UnknownRuntimeError(
            f"the runtime {options.runtime} does not run on a GPU: take --runtime eager"
        )
    if options.device is Device.CUDA or (
        options.device is Device.AUTO and (has_gpu() if gpu is None else gpu)
    ):
        wanted = [*on_gpu, *wanted]
    measured = [
        Candidate(find_runtime(entry.runtime), entry.precision, entry.device)
        for entry in ranking
        if options.runtime in (Runtime.AUTO, entry.runtime)
        and options.precision in (Precision.AUTO, entry.precision)
        and options.device in (Device.AUTO, entry.device)
    ]
    others = [Candidate(spec, spec.precisions[0]) for spec in RUNTIMES]
    return tuple(dict.fromkeys((*measured, *wanted, *others)))


def expect_candidate(network_checksum: str, options: RuntimeOptions) -> Candidate:
    """Return what is tried first among the runtimes that are installed; nothing is loaded.

    Args:
        network_checksum: SHA-256 of the network's weights, hexadecimal.
        options: Runtime, precision and device that are wanted.

    Raises:
        UnknownRuntimeError: If the runtime has no such precision, or does not run on the device.
    """
    ranking = read_ranking(options.cache_dir, ranking_key(network_checksum, options))
    order = candidates(options, ranking)
    return next((item for item in order if item.spec.installed), order[0])


class ReliableRunner:
    """Implements `NetworkRunner` with the first candidate that works; the next takes over."""

    def __init__(
        self, source: NetworkSource, options: RuntimeOptions, order: Sequence[Candidate]
    ) -> None:
        """Open the first candidate that works for the first input size.

        Args:
            source: The network.
            options: Threads and cache.
            order: What to try.

        Raises:
            ForkedProcessError: If this process was forked from one that had loaded a network.
            RuntimeUnavailableError: If none works.
        """
        self._source, self._options = source, options
        self._left = list(order)
        self._notes: list[str] = []
        self._lock = threading.Lock()
        self._current, self._run = self._open_next()

    @property
    def computation(self) -> Computation:
        """Return what computes as of now, and why others that were to do it do not."""
        return Computation(
            self._current.spec.runtime.value, self._current.precision.value, tuple(self._notes)
        )

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """See `NetworkRunner`.

        Raises:
            ForkedProcessError: If this process was forked from the one that loaded the network.
            RuntimeUnavailableError: If no candidate is left that works.
        """
        run = self._run
        try:
            return run(images)
        except ForkedProcessError:
            raise
        except RuntimeUnavailableError as error:
            with self._lock:
                if self._run is run:
                    self._note(self._current, error)
                    self._current, self._run = self._open_next()
            return self(images)

    def _open_next(self) -> tuple[Candidate, NetworkRunner]:
        while self._left:
            candidate = self._left.pop(0)
            try:
                run = candidate.open(self._source, self._options)
                run(np.zeros((1, *self._source.input_sizes[0], 3), dtype=np.uint8))
            except ForkedProcessError:
                raise
            except RuntimeUnavailableError as error:
                self._note(candidate, error)
            else:
                return candidate, run
        raise RuntimeUnavailableError(f"no runtime works here: {'; '.join(self._notes)}")

    def _note(self, candidate: Candidate, error: Exception) -> None:
        note = f"{candidate} is not used: {error}"
        self._notes.append(note)
        _LOG.warning("%s", note)


class DeferredRunner:
    """Implements `NetworkRunner` with a network that is opened when it is first needed."""

    def __init__(self, open_now: Callable[[], ReliableRunner]) -> None:
        """Open nothing yet.

        Args:
            open_now: Opens the network.
        """
        self._open_now = open_now
        self._lock = threading.Lock()
        self._opened: ReliableRunner | None = None

    @property
    def computation(self) -> Computation:
        """Return what computes as of now; nothing is known of it before the network is open."""
        return UNKNOWN_COMPUTATION if self._opened is None else self._opened.computation

    def open(self) -> ReliableRunner:
        """Open the network, unless it is open.

        Raises:
            RuntimeUnavailableError: If no runtime works here.
        """
        with self._lock:
            if self._opened is None:
                self._opened = self._open_now()
            return self._opened

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """See `NetworkRunner`.

        Raises:
            RuntimeUnavailableError: If no runtime works here.
        """
        return (self._opened or self.open())(images)


def prepare_runner(source: NetworkSource, options: RuntimeOptions) -> DeferredRunner:
    """Return a network that is opened when it is first needed; see `open_runner`.

    Raises:
        UnknownRuntimeError: If the runtime has no such precision, or does not run on the device.
    """
    candidates(options, gpu=False)
    return DeferredRunner(lambda: open_runner(source, options))


def open_runner(source: NetworkSource, options: RuntimeOptions) -> ReliableRunner:
    """Open a network with the runtime that was asked for, or the fastest that works.

    Raises:
        UnknownRuntimeError: If the runtime has no such precision, or does not run on the device.
        RuntimeUnavailableError: If none works.
    """
    ranking = read_ranking(options.cache_dir, ranking_key(source.checksum, options))
    return ReliableRunner(source, options, candidates(options, ranking))
