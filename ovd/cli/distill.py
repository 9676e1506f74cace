"""`ovd distill`: teach the embedded detector by a large model on one's own recordings."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ovd.bootstrap import DistillRequest, build_distillation
from ovd.cli.options import AsJson, Database, WeightsFolder, settings_with
from ovd.cli.progress import open_progress

if TYPE_CHECKING:
    from ovd.training.distill.outcome import NameOutcome, Outcome

OnStage = Callable[[str, int, int], None]


TeacherName = Annotated[
    str, typer.Option(metavar="NAME", help="Large model that labels; see ovd detectors.")
]
Names = Annotated[str, typer.Option(metavar="A,B,...", help="What to learn, separated by commas.")]
FromSource = Annotated[
    str, typer.Option("--from", metavar="SOURCE", help="Clip, folder of images, or camera.")
]
OutFolder = Annotated[Path, typer.Option(metavar="DIR", help="Where everything goes.")]
Hours = Annotated[
    float | None,
    typer.Option(help="Hours of it to watch; default: all of a recording, 1 of a camera."),
]
ChosenFps = Annotated[
    float | None, typer.Option(help="Frames per second to choose from; default: 2.")
]
TeacherMinScore = Annotated[
    float | None, typer.Option(help="Threshold of the teacher; default: its own.")
]
Full = Annotated[bool, typer.Option("--full", help="Train the whole network; slow without a GPU.")]
FullDevice = Annotated[str, typer.Option(help="What --full is computed on, as torch calls it.")]


def distill(  # noqa: PLR0913 -- one parameter per option of the command
    teacher: TeacherName,
    names: Names,
    source: FromSource,
    out: OutFolder,
    hours: Hours = None,
    frames: Annotated[int, typer.Option(help="Frames to label, at most.")] = 300,
    fps: ChosenFps = None,
    min_score: TeacherMinScore = None,
    full: Full = False,
    device: FullDevice = "cpu",
    weights: WeightsFolder = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Teach the embedded detector new names by a large model; go on where DIR left off.

    The teacher labels frames in which something changes, a part of them is held out, and the
    result is kept only where it finds a name better there than before.

    Example: ovd distill --teacher owlv2-base --names "forklift, pallet" --from yard.mp4 --out yard
    """
    from ovd.training.distill.outcome import describe_outcome
    from ovd.training.distill.run import distil

    request = DistillRequest(
        teacher=teacher,
        names=tuple(name.strip() for name in names.split(",") if name.strip()),
        source=source,
        frames=frames,
        hours=hours,
        fps=fps,
        min_score=min_score,
        full=full,
        device=device,
        command=shlex.join(["ovd", *sys.argv[1:]]),
    )
    settings = settings_with(db=db, weights_dir=weights)
    with _progress() as on_stage:
        plan, around = build_distillation(settings, request, on_stage)
        outcome = distil(plan, out, around)
    if as_json:
        typer.echo(json.dumps(describe_outcome(outcome), ensure_ascii=False))
        return
    _print_outcome(outcome)


@contextmanager
def _progress() -> Iterator[OnStage]:
    """Open a bar for each stage on a terminal; elsewhere a line on stderr tells that it began."""
    begun: dict[str, object] = {}
    with open_progress() as progress:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in begun:
                begun[stage] = progress.add_task(stage, total=total or None)
                if not sys.stderr.isatty():
                    typer.echo(f"{stage} ...", err=True)
            progress.update(begun[stage], completed=done)  # type: ignore[arg-type]

        yield report


def _print_outcome(outcome: "Outcome") -> None:
    for item in outcome.names:
        typer.echo(f"{item.name}: {_describe(item)}")
    known = outcome.known
    if known is not None and not known.changed_frames:
        typer.echo(f"all {known.compared} other names are found as before")
    elif known is not None and known.before is not None and known.after is not None:
        typer.echo(f"names known before: AP50 {known.before:.2f} before, {known.after:.2f} after")
    typer.echo(f"report: {outcome.report}")
    typer.echo(f"weights: {outcome.weights}; use them with: ovd serve --weights {outcome.weights}")


def _describe(item: "NameOutcome") -> str:
    labels = f"{item.learned_from} objects learned from, {item.held_out} held out"
    if item.before is None or item.after is None:
        return f"{item.verdict.value.replace('_', ' ')}, {labels}"
    return (
        f"{item.verdict.value.replace('_', ' ')}, {labels}, AP50 {item.before.ap50:.2f} before, "
        f"{item.after.ap50:.2f} after"
    )
