"""`ovd weights`: which weights files there are, and whether they are whole."""

import json

import typer

from ovd.cli.options import AsJson, settings_with
from ovd.model.weights import WeightsStatus, check_weights, verify_weights

weights_app = typer.Typer(
    help="Which weights files there are, and whether they are whole.",
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
