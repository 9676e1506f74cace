"""`ovd train`: train the detector, or fine-tune it on one's own boxes."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from ovd.cli.progress import open_progress
from ovd.settings import load_settings


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train, how long.")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where weights, state and curve go.")
    ] = Path("training"),
    device: Annotated[str, typer.Option(help="What to compute on, as torch calls it.")] = "cpu",
    processes: Annotated[int, typer.Option(help="Processes that share the work; CPU only.")] = 1,
    text_encoder: Annotated[
        str,
        typer.Option(metavar="SPEC", help="Text encoder to train with, as MODEL/TAG of open_clip."),
    ] = "",
) -> None:
    """Train the detector, or go on where DIR left off; prints the weights folder it made.

    Pseudo labels that CONFIG names are written first where their file does not exist yet.

    Example: ovd train configs/ovdense.toml --out scratch/run --processes 2
    """
    from ovd.training.engine.process_group import train_together
    from ovd.training.engine.run import RunOptions, load_run_config, write_teacher_labels
    from ovd.training.packaging.weights_folder import package_run

    settings = load_settings()
    plan = load_run_config(config, text_encoder)
    labels = plan.data.pseudo_labels
    if labels and not Path(labels).exists():
        typer.echo(f"writing pseudo labels: {labels}", err=True)
        typer.echo(f"{write_teacher_labels(config)} boxes", err=True)
    with open_progress() as progress:
        task = progress.add_task("training", total=plan.schedule.images)
        options = RunOptions(
            device=device,
            command=shlex.join(["ovd", *sys.argv[1:]]),
            text_encoder=text_encoder,
            weights_dir=settings.weights_dir,
            on_step=lambda done: progress.update(task, completed=done.images),
        )
        weights = train_together(config, out, options, processes)
    packaged = package_run(config, weights, settings.weights_dir, text_encoder)
    if packaged.error_after is not None:
        typer.echo(
            f"expected calibration error {packaged.error_before:.3f} before, "
            f"{packaged.error_after:.3f} after the fit",
            err=True,
        )
    typer.echo(packaged.folder)
