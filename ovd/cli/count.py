"""`ovd count`: count queries in a video or stream and keep the counts."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from ovd.bootstrap import (
    build_counter,
    build_detector,
    build_reader,
    default_camera_name,
    open_source,
    open_store,
)
from ovd.cli.moments import parse_moment
from ovd.cli.options import (
    AsJson,
    Database,
    DetectorName,
    MinScore,
    Queries,
    describe_reading,
    print_notes,
    read_queries,
    require_supported,
    settings_with,
)
from ovd.cli.progress import open_progress
from ovd.domain.events import FrameResult
from ovd.domain.ports import SourceInfo, SourceOptions
from ovd.errors import InputError
from ovd.render.annotate import annotate
from ovd.services.count import CountRun, CountSummary
from ovd.settings import Settings
from ovd.video.writer import VideoWriter

# Sums of frame intervals may miss the asked duration by rounding.
TIME_TOLERANCE_S = 1e-6


def count(  # noqa: PLR0913 -- one parameter per option of the command
    source: Annotated[
        str, typer.Argument(help="Video file, image, folder, rtsp://, http(s):// or webcam:0.")
    ],
    query: Queries,
    camera: Annotated[
        str | None, typer.Option(metavar="NAME", help="Camera name; default: from the source.")
    ] = None,
    db: Database = None,
    detector: DetectorName = None,
    min_score: MinScore = None,
    fps: Annotated[
        float | None, typer.Option(help="Frames to count per second of media time; default: all.")
    ] = None,
    duration: Annotated[
        float | None, typer.Option(help="Stop after this many seconds of media time.")
    ] = None,
    start_at: Annotated[
        str | None,
        typer.Option(metavar="ISO8601", help="When a file's first frame was taken."),
    ] = None,
    realtime: Annotated[
        bool, typer.Option("--realtime/--no-realtime", help="Pace a file like a camera.")
    ] = False,
    save_video: Annotated[
        Path | None, typer.Option(metavar="OUT.mp4", help="Save the annotated video.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count queries in a video or stream and keep the counts.

    Ctrl-C ends cleanly: everything counted so far is written.

    Example: ovd count samples/pedestrians.mp4 -q person --camera campus --json
    """
    if duration is not None and duration <= 0:
        raise InputError(f"--duration must be above 0 seconds, got {duration}")
    moment = parse_moment(start_at) if start_at else None
    job = _Job(
        source=source,
        camera=camera or default_camera_name(source),
        texts=query,
        min_score=min_score,
        options=SourceOptions(sample_fps=fps, realtime=realtime, start_at=moment),
        duration_s=duration,
        save_video=save_video,
    )
    run = _count(job, settings_with(detector=detector, db=db))
    _report(run, as_json)


@dataclass(frozen=True)
class _Job:
    source: str
    camera: str
    texts: list[str]
    min_score: float | None
    options: SourceOptions
    duration_s: float | None
    save_video: Path | None


def _count(job: _Job, settings: Settings) -> CountRun:
    detector = build_detector(settings)
    queries = read_queries(build_reader(detector), job.texts, job.min_score)
    require_supported(queries, detector.name)
    with ExitStack() as stack:
        source = stack.enter_context(closing(open_source(job.source, job.camera, job.options)))
        store = stack.enter_context(closing(open_store(settings)))
        writer = stack.enter_context(VideoWriter(job.save_video)) if job.save_video else None
        counter = build_counter(detector, store)
        run = stack.enter_context(counter.open_run(source, job.camera, queries))
        stack.enter_context(_stopped_by_signals(run))
        for result in _drive(run, source.info, job.duration_s):
            if writer is not None:
                writer.write(annotate(result.frame.image, result.detections), result.frame.time_s)
    return run


def _drive(run: CountRun, info: SourceInfo, duration_s: float | None) -> Iterator[FrameResult]:
    total = info.frame_count and round(info.frame_count / info.fps / info.sample_interval_s)
    with open_progress() as progress:
        task = progress.add_task("counting", total=total)
        for item in run:
            if not isinstance(item, FrameResult):
                continue
            yield item
            progress.update(task, advance=1, description=_describe_counts(item))
            if duration_s is not None and run.summary().media_s >= duration_s - TIME_TOLERANCE_S:
                run.finish()


def _describe_counts(result: FrameResult) -> str:
    return "  ".join(f"{entry.query.text} {entry.count}" for entry in result.counts)


@contextmanager
def _stopped_by_signals(run: CountRun) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM ends the run cleanly; the second is not caught."""

    def stop(number: int, frame: FrameType | None) -> None:
        for caught, handler in before.items():
            signal.signal(caught, handler)
        run.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(run: CountRun, as_json: bool) -> None:
    summary = run.summary()
    if as_json:
        typer.echo(json.dumps(_describe_run(run, summary), ensure_ascii=False))
        return
    print_notes(tuple(entry.query for entry in summary.queries))
    typer.echo(
        f"{run.run.camera.name}: run {run.run.id}, {summary.frames_counted} of "
        f"{summary.frames_read} frames counted, {summary.media_s:.1f} s of video in "
        f"{summary.wall_s:.1f} s, gaps {summary.gap_s:.1f} s"
    )
    for entry in summary.queries:
        if entry.mean is None:
            typer.echo(f"  {entry.query.text}: not counted")
        else:
            typer.echo(f"  {entry.query.text}: mean {entry.mean:.2f}, max {entry.max}")


def _describe_run(run: CountRun, summary: CountSummary) -> dict[str, object]:
    return {
        "run_id": run.run.id,
        "camera": run.run.camera.name,
        "detector": run.run.detector,
        "frames_read": summary.frames_read,
        "frames_counted": summary.frames_counted,
        "gap_s": round(summary.gap_s, 3),
        "media_s": round(summary.media_s, 3),
        "wall_s": round(summary.wall_s, 3),
        "queries": [
            describe_reading(entry.query)
            | {
                "mean": None if entry.mean is None else round(entry.mean, 4),
                "max": entry.max,
                "unique": None,
                "frames": entry.frames,
            }
            for entry in summary.queries
        ],
        "zones": [],
    }
