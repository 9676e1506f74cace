"""Measure runtimes beside each other: time, agreement, start and memory."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.errors import RuntimeUnavailableError
from ovd.model.runtimes.network_runner import NetworkOutput, NetworkRunner
from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
from ovd.model.runtimes.processor import has_gpu
from ovd.model.runtimes.ranking import RankedRuntime
from ovd.model.runtimes.selection import RUNTIMES, Candidate, NetworkSource

# The tolerance of docs/runtimes.md: of region embeddings, and of corners in fractions.
EMBED_TOLERANCE, CORNER_TOLERANCE = 1e-3, 1e-4
PROBE_TIMEOUT_S = 120.0
WARM_UP = 2
BASELINE = (Runtime.EAGER, Precision.FLOAT32)


@dataclass(frozen=True)
class MeasurePlan:
    """The inputs of a measurement.

    Attributes:
        input_sizes: Heights and widths in pixels.
        batches: Numbers of images at a time.
        rounds: How often each is timed; the runtimes take turns.
    """

    input_sizes: tuple[tuple[int, int], ...]
    batches: tuple[int, ...] = (1,)
    rounds: int = 10


@dataclass(frozen=True)
class Timing:
    """The time of one runtime for one input.

    Attributes:
        candidate: The runtime.
        input_hw: Height and width in pixels.
        batch: Images at a time.
        ms: Median milliseconds per image.
    """

    candidate: Candidate
    input_hw: tuple[int, int]
    batch: int
    ms: float


@dataclass(frozen=True)
class Agreement:
    """The largest differences of a runtime's outputs from those of the baseline.

    Attributes:
        candidate: The runtime.
        embeds: Of region embeddings.
        corners: Of corners, in fractions of the input.
    """

    candidate: Candidate
    embeds: float
    corners: float

    @property
    def within_tolerance(self) -> bool:
        """Return whether counts may differ only where a score is at the threshold."""
        return self.embeds <= EMBED_TOLERANCE and self.corners <= CORNER_TOLERANCE


@dataclass(frozen=True)
class Start:
    """The start of a runtime in a fresh process.

    Attributes:
        candidate: The runtime.
        start_s: Seconds until the first result.
        peak_mb: Largest memory of the process; None where the system does not tell.
    """

    candidate: Candidate
    start_s: float
    peak_mb: float | None


@dataclass(frozen=True)
class Comparison:
    """All that was measured in one run.

    Attributes:
        timings: Of every runtime that works, by input and batch.
        agreements: With the baseline, or with the first that works.
        failures: Why the others do not work.
    """

    timings: tuple[Timing, ...]
    agreements: tuple[Agreement, ...]
    failures: tuple[str, ...]

    def ranking(self) -> tuple[RankedRuntime, ...]:
        """Return what `auto` may take, the fastest first: by the first input, one at a time."""
        agreeing = [item.candidate for item in self.agreements if item.within_tolerance]
        first = self.timings[0].input_hw, self.timings[0].batch
        ranked = [
            RankedRuntime(
                timing.candidate.spec.runtime,
                timing.candidate.precision,
                timing.candidate.device,
                timing.ms,
            )
            for timing in self.timings
            if timing.candidate in agreeing and (timing.input_hw, timing.batch) == first
        ]
        return tuple(sorted(ranked, key=lambda entry: entry.ms))


def all_candidates(gpu: bool | None = None) -> tuple[Candidate, ...]:
    """Return every runtime in every precision, the baseline first."""
    on_cpu = [Candidate(spec, precision) for spec in RUNTIMES for precision in spec.precisions]
    on_gpu = [
        Candidate(candidate.spec, candidate.precision, Device.CUDA)
        for candidate in on_cpu
        if candidate.spec.runtime is Runtime.EAGER and (has_gpu() if gpu is None else gpu)
    ]
    return tuple(
        sorted(on_cpu, key=lambda item: (item.spec.runtime, item.precision) != BASELINE)
    ) + tuple(on_gpu)


def compare_runtimes(
    source: NetworkSource,
    options: RuntimeOptions,
    plan: MeasurePlan,
    images: Callable[[tuple[int, int], int], NDArray[np.uint8]],
    order: Sequence[Candidate] | None = None,
) -> Comparison:
    """Time every runtime that works, taking turns, and compare their outputs.

    Args:
        source: The network.
        options: Threads and cache.
        plan: Inputs, batches and rounds.
        images: Makes `(B, H, W, 3)` uint8 RGB for an input size and B.
        order: What to measure, the baseline first; None for all there is.

    Raises:
        RuntimeUnavailableError: If nothing works.
    """
    runners: dict[Candidate, NetworkRunner] = {}
    failures: list[str] = []
    for candidate in order or all_candidates():
        try:
            runner = candidate.open(source, options)
            runner(images(plan.input_sizes[0], 1))
            runners[candidate] = runner
        except RuntimeUnavailableError as error:
            failures.append(f"{candidate}: {error}")
    if not runners:
        raise RuntimeUnavailableError(f"no runtime works here: {'; '.join(failures)}")
    timings = [
        timing
        for size in plan.input_sizes
        for batch in plan.batches
        for timing in _time(runners, images(size, batch), plan.rounds)
    ]
    outputs = {candidate: run(images(plan.input_sizes[0], 1)) for candidate, run in runners.items()}
    baseline = next(iter(outputs.values()))
    agreements = [_agreement(item, output, baseline) for item, output in outputs.items()]
    return Comparison(tuple(timings), tuple(agreements), tuple(failures))


def _time(
    runners: dict[Candidate, NetworkRunner], images: NDArray[np.uint8], rounds: int
) -> list[Timing]:
    spent: dict[Candidate, list[float]] = {candidate: [] for candidate in runners}
    for _ in range(rounds + WARM_UP):
        for candidate, run in runners.items():
            started_s = time.perf_counter()
            run(images)
            spent[candidate].append(time.perf_counter() - started_s)
    height, width = images.shape[1:3]
    return [
        Timing(
            candidate,
            (int(height), int(width)),
            len(images),
            statistics.median(times[WARM_UP:]) / len(images) * 1e3,
        )
        for candidate, times in spent.items()
    ]


def _agreement(candidate: Candidate, output: NetworkOutput, baseline: NetworkOutput) -> Agreement:
    return Agreement(
        candidate,
        float(np.abs(output.region_embeds - baseline.region_embeds).max()),
        float(np.abs(output.xyxy_norm - baseline.xyxy_norm).max()),
    )


def measure_start(
    candidate: Candidate, detector: str, weights_dir: Path, options: RuntimeOptions
) -> Start:
    """Open a runtime in a process of its own and run it once.

    Raises:
        RuntimeUnavailableError: If that process fails.
    """
    wanted = {
        "detector": detector,
        "weights_dir": str(weights_dir),
        "runtime": candidate.spec.runtime,
        "precision": candidate.precision,
        "device": candidate.device,
        "threads": options.threads,
        "cache_dir": None if options.cache_dir is None else str(options.cache_dir),
    }
    command = [sys.executable, "-m", "ovd.model.runtimes.probe"]
    try:
        done = subprocess.run(  # noqa: S603 -- our own module
            command,
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            check=True,
            timeout=PROBE_TIMEOUT_S,
        )
    except subprocess.CalledProcessError as error:
        why = (error.stderr.strip() or str(error)).splitlines()[-1].rpartition("Error: ")[2]
        raise RuntimeUnavailableError(f"{candidate} did not start: {why}") from error
    except (subprocess.SubprocessError, OSError) as error:
        raise RuntimeUnavailableError(f"{candidate} did not start: {error}") from error
    found = json.loads(done.stdout)
    return Start(candidate, float(found["start_s"]), found["peak_mb"])
