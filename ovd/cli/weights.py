"""`ovd weights`: which weights files there are, whether they are whole, and getting others."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_models
from ovd.cli.options import AsJson, settings_with
from ovd.cli.progress import open_progress
from ovd.model.hub.download import PullProgress
from ovd.model.weights import WeightsStatus, check_weights, verify_weights

weights_app = typer.Typer(
    help="Which weights files there are, whether they are whole, and getting others.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@weights_app.command(name="list")
def list_weights(as_json: AsJson = False) -> None:
    """List the weights files, their state, licence and origin.

    Example: ovd weights list
    """
    statuses = check_weights(settings_with().weights_dir)
    if as_json:
        typer.echo(json.dumps([_describe(status) for status in statuses], ensure_ascii=False))
        return
    for status in statuses:
        entry = status.entry
        typer.echo(
            f"{entry.file}  {entry.size / 1e6:.1f} MB  {status.state.value}  {entry.licence}  "
            f"used by {', '.join(entry.used_by)}"
        )


@weights_app.command(name="verify")
def verify(as_json: AsJson = False) -> None:
    """Compare every weights file with its checksum; fails at the first that differs.

    Example: ovd weights verify
    """
    files = verify_weights(settings_with().weights_dir)
    if as_json:
        typer.echo(json.dumps([{"file": entry.file, "sha256": entry.sha256} for entry in files]))
        return
    for entry in files:
        typer.echo(f"{entry.file}  ok  sha256 {entry.sha256}")


@weights_app.command(name="pull")
def pull(
    name: Annotated[str, typer.Argument(help="Model, as `ovd detectors` lists it.")],
    to: Annotated[
        Path | None,
        typer.Option(help="Folder of models; default: OVD_MODELS_DIR.", metavar="DIR"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Download a model from its hub: resumed, checked, and then used offline.

    Example: ovd weights pull owlv2-base
    """
    models = build_models(settings_with())
    with _progress_bar(name) as report:
        folder = models.pull(name, report, to)
    _tell_place(name, folder, as_json)
    if to is not None:
        typer.echo(f"note: use it with OVD_MODELS_DIR={to}", err=True)


@weights_app.command(name="add")
def add(
    folder: Annotated[Path, typer.Argument(help="Folder of a model, as its hub has it.")],
    name: Annotated[
        str | None, typer.Option("--as", help="Which model it is; default: by its config.json.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a model from a folder that was copied by hand; nothing is downloaded.

    Example: ovd weights add ./owlv2-base-patch16-ensemble
    """
    place = build_models(settings_with()).add(folder, name)
    _tell_place(place.name, place, as_json)


@contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[PullProgress], None]]:
    """Open a bar on stderr, in megabytes."""
    with open_progress() as progress:
        task = progress.add_task(f"{name} (MB)", total=None)

        def report(state: PullProgress) -> None:
            progress.update(task, completed=state.done // 10**6, total=state.total // 10**6)

        yield report


def _tell_place(name: str, folder: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"model": name, "folder": str(folder)}, ensure_ascii=False))
        return
    typer.echo(f"{name} is in {folder}; use it with: --detector {name}")


def _describe(status: WeightsStatus) -> dict[str, object]:
    entry = status.entry
    return {
        "file": entry.file,
        "state": status.state.value,
        "size": entry.size,
        "sha256": entry.sha256,
        "licence": entry.licence,
        "origin": entry.origin,
        "used_by": list(entry.used_by),
    }
