"""`ovd bench`: how fast detectors are on this machine, with every runtime."""

import itertools
import json
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ovd.bootstrap import build_detector, build_opener, build_reader, runtime_options
from ovd.bundled import Bundle, bundled_dir
from ovd.cli.options import AsJson, DetectorName, settings_with
from ovd.domain.frame import Image
from ovd.domain.ports import SourceOptions
from ovd.errors import InputError, OutputError, RuntimeUnavailableError
from ovd.model.backends import find_backend
from ovd.model.preprocess import preprocess
from ovd.model.runtimes.measure import (
    Comparison,
    MeasurePlan,
    Start,
    all_candidates,
    compare_runtimes,
    measure_start,
)
from ovd.model.runtimes.options import Precision, RuntimeOptions
from ovd.model.runtimes.ranking import ranking_key, write_ranking
from ovd.model.runtimes.selection import Candidate
from ovd.settings import Settings

CLIP = "pedestrians.mp4"
FRAMES = 8
CAMERA_FPS = 2.0
Rows = list[dict[str, object]]


def bench(
    detector: DetectorName = None,
    batch: Annotated[
        list[int] | None, typer.Option(help="Images at a time; repeatable; default: 1 and 4.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="How often each is timed.", min=1)] = 10,
    quick: Annotated[
        bool, typer.Option("--quick", help="One input, one image at a time, float32, no start-up.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure every runtime and precision on this machine; keeps what `--runtime auto` takes.

    The runtimes take turns, so that what else the machine does slows all of them alike; times are
    medians. `OVD_THREADS` limits the threads.

    Example: ovd bench --quick
    """
    if batch and min(batch) < 1:
        raise InputError(f"--batch must be at least 1, got {min(batch)}")
    settings = settings_with(detector=detector)
    options = runtime_options(settings)
    backend = find_backend(settings.detector)
    source = backend.open_source(settings.weights_dir)
    frames = _read_frames(settings)
    batches = (1,) if quick else tuple(dict.fromkeys((1, *(batch or (4,)))))
    sizes = source.input_sizes[:1] if quick else source.input_sizes
    plan = MeasurePlan(sizes, batches, rounds)
    order, failures = _without_broken(settings, options, quick=quick)
    found = compare_runtimes(source, options, plan, _make_batches(frames), order)
    found = replace(found, failures=(*failures, *found.failures))
    starts = () if quick else _measure_starts(found, settings, options)
    _keep(found, ranking_key(source.checksum, options), options)
    frame_ms = _time_frames(settings, frames, rounds)
    if as_json:
        typer.echo(json.dumps(_describe(settings, found, starts, frame_ms)))
    else:
        _print(found, starts, frame_ms)


def _read_frames(settings: Settings) -> list[Image]:
    """Return frames of the sample clip; noise where it is missing."""
    clip = bundled_dir(Bundle.SAMPLES) / CLIP
    if not clip.exists():
        noise = np.random.default_rng(0)
        return [noise.integers(0, 256, (576, 768, 3), dtype=np.uint8) for _ in range(FRAMES)]
    opener = build_opener(settings)
    with closing(opener(str(clip), "bench", SourceOptions(sample_fps=1.0))) as source:
        images = (item.image for item in source if hasattr(item, "image"))
        return list(itertools.islice(images, FRAMES))


def _make_batches(frames: list[Image]) -> Callable[[tuple[int, int], int], NDArray[np.uint8]]:
    def make(size_hw: tuple[int, int], batch: int) -> NDArray[np.uint8]:
        return preprocess([frames[index % len(frames)] for index in range(batch)], size_hw)[0]

    return make


def _without_broken(
    settings: Settings, options: RuntimeOptions, *, quick: bool
) -> tuple[list[Candidate], list[str]]:
    """Return what may be measured in this process, and why the rest may not.

    What fewer processors have been seen with is started in a process of its own first, which has
    a time limit: a library that hangs or ends the process in native code cannot be stopped here.
    """
    order, failures = [], []
    for candidate in all_candidates():
        try:
            if candidate.precision is not Precision.FLOAT32 and not quick:
                measure_start(candidate, settings.detector, settings.weights_dir, options)
        except RuntimeUnavailableError as error:
            failures.append(str(error))
        else:
            if candidate.precision is Precision.FLOAT32 or not quick:
                order.append(candidate)
    return order, failures


def _measure_starts(
    found: Comparison, settings: Settings, options: RuntimeOptions
) -> tuple[Start, ...]:
    return tuple(
        measure_start(item.candidate, settings.detector, settings.weights_dir, options)
        for item in found.agreements
    )


def _keep(found: Comparison, key: str, options: RuntimeOptions) -> None:
    if options.cache_dir is None:
        return
    try:
        write_ranking(options.cache_dir, key, found.ranking())
    except OSError as error:
        raise OutputError(f"cannot keep the ranking in {options.cache_dir}: {error}") from error


def _time_frames(settings: Settings, frames: list[Image], rounds: int) -> float:
    """Return the median milliseconds of a whole frame with one query, as `ovd count` detects."""
    detector = build_detector(settings)
    vocabulary = detector.encode([build_reader(detector).read("person")])
    spent = []
    for index in range(rounds + 2):
        started_s = time.perf_counter()
        detector.detect([frames[index % len(frames)]], vocabulary)
        spent.append(time.perf_counter() - started_s)
    return statistics.median(spent[2:]) * 1e3


def _rows(found: Comparison) -> Rows:
    agreements = {item.candidate: item for item in found.agreements}
    base = {
        (item.input_hw, item.batch): item.ms
        for item in found.timings
        if item.candidate == found.agreements[0].candidate
    }
    return [
        {
            "runtime": item.candidate.spec.runtime,
            "precision": item.candidate.precision,
            "device": item.candidate.device,
            "input": {"width": item.input_hw[1], "height": item.input_hw[0]},
            "batch": item.batch,
            "ms_per_frame": round(item.ms, 2),
            "frames_per_s": round(1e3 / item.ms, 1),
            "to_baseline": round(base[item.input_hw, item.batch] / item.ms, 2),
            "difference": agreements[item.candidate].embeds,
            "within_tolerance": agreements[item.candidate].within_tolerance,
        }
        for item in found.timings
    ]


def _describe(
    settings: Settings, found: Comparison, starts: tuple[Start, ...], frame_ms: float
) -> dict[str, object]:
    return {
        "detector": settings.detector,
        "baseline": str(found.agreements[0].candidate),
        "network": _rows(found),
        "starts": [
            {
                "runtime": item.candidate.spec.runtime,
                "precision": item.candidate.precision,
                "device": item.candidate.device,
                "start_s": round(item.start_s, 2),
                "peak_mb": None if item.peak_mb is None else round(item.peak_mb),
            }
            for item in starts
        ],
        "not_here": list(found.failures),
        "auto": [f"{item.runtime} {item.precision}" for item in found.ranking()],
        "frame_ms": round(frame_ms, 2),
        "cameras_at_2_fps": int(1e3 / frame_ms / CAMERA_FPS),
    }


def _print(found: Comparison, starts: tuple[Start, ...], frame_ms: float) -> None:
    typer.echo(f"{'network':22}{'input':>10}{'batch':>6}{'ms':>9}{'frames/s':>10}{'ratio':>7}")
    for item, row in zip(found.timings, _rows(found), strict=True):
        size = f"{item.input_hw[1]}x{item.input_hw[0]}"
        note = "" if row["within_tolerance"] else "  counts may differ"
        typer.echo(
            f"{item.candidate!s:22}{size:>10}{item.batch:>6}{item.ms:>9.1f}"
            f"{1e3 / item.ms:>10.1f}{row['to_baseline']:>7}{note}"
        )
    for start in starts:
        memory = "" if start.peak_mb is None else f", {start.peak_mb:.0f} MB"
        typer.echo(f"start of {start.candidate}: {start.start_s:.1f} s{memory}")
    for failure in found.failures:
        typer.echo(f"not here: {failure}")
    ranking = found.ranking()
    typer.echo(f"--runtime auto takes {ranking[0].runtime} {ranking[0].precision} from now on")
    typer.echo(
        f"a whole frame, one query: {frame_ms:.1f} ms, so {int(1e3 / frame_ms / CAMERA_FPS)} "
        f"cameras at {CAMERA_FPS:g} frames/s"
    )
