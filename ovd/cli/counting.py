"""Driving a run from the command line: progress, signals, and what is printed at the end."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from ovd.cli.options import print_notes
from ovd.cli.progress import open_progress
from ovd.domain.events import FrameResult
from ovd.domain.ports import SourceInfo
from ovd.services.counting.run import CountRun
from ovd.services.counting.summary import describe_run

# Sums of frame intervals may miss the asked duration by rounding.
TIME_TOLERANCE_S = 1e-6


def drive(
    run: CountRun, info: SourceInfo, duration_s: float | None = None
) -> Iterator[FrameResult]:
    """Count behind a progress bar, and yield every counted frame.

    Args:
        run: The run to iterate.
        info: What its source says, for the length of the bar.
        duration_s: Media seconds after which the run is finished; None counts to the end.
    """
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
def stopped_by_signals(run: CountRun) -> Iterator[None]:
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


def print_run(run: CountRun, as_json: bool) -> None:
    """Tell what a run counted, for people or as the JSON of the contract."""
    summary = run.summary()
    if as_json:
        typer.echo(json.dumps(describe_run(run.run, summary), ensure_ascii=False))
        return
    print_notes(tuple(entry.query for entry in summary.queries))
    dropped = f", {summary.frames_dropped} dropped" if summary.frames_dropped else ""
    typer.echo(
        f"{run.run.camera.name}: run {run.run.id}, {summary.frames_counted} of "
        f"{summary.frames_read} frames counted{dropped}, {summary.media_s:.1f} s of video in "
        f"{summary.wall_s:.1f} s, gaps {summary.gap_s:.1f} s"
    )
    for entry in summary.queries:
        if entry.mean is None:
            typer.echo(f"  {entry.query.text}: not counted")
        else:
            unique = "" if entry.unique is None else f", {entry.unique} different"
            unsure = f", {entry.unknown:.2f} cannot be judged" if entry.unknown else ""
            typer.echo(
                f"  {entry.query.text}: mean {entry.mean:.2f}, max {entry.max}{unique}{unsure}"
            )
    for tally in summary.zones:
        happened = ", ".join(f"{kind} {count}" for kind, count in tally.event_counts.items())
        typer.echo(f"  {tally.zone.name}: {tally.query} {happened}")
