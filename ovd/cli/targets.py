"""`ovd targets`: where alerts are sent to."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from ovd.bootstrap import build_access, build_targets, open_catalogue
from ovd.cli.identity import command_identity
from ovd.cli.options import AsJson, Database, settings_with
from ovd.domain.alerts import OutboxEntry, OutboxStatus, Target, TargetOptions, TargetSecrets
from ovd.domain.ports import CountStore
from ovd.errors import InputError
from ovd.services.alerts.delivery.targets import TargetService

targets_app = typer.Typer(
    help="Add, list, try and remove targets of alerts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the target, in any case.")]


@contextmanager
def _open(db: str | None) -> Iterator[tuple[TargetService, CountStore]]:
    from ovd.video.clock import SystemClock

    settings = settings_with(db=db)
    with closing(open_catalogue(settings)) as store:
        audit = build_access(store).audit
        yield build_targets(settings, store, audit, SystemClock()), store


@targets_app.command()
def add(  # noqa: PLR0913 -- one parameter per option of the command
    name: Name,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="https://... of a webhook, mailto:NAME@HOST, or any address of apprise.",
        ),
    ],
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read the secret that signs from stdin.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the texts: en or ko.")] = "en",
    per_minute: Annotated[
        int | None, typer.Option(help="Greatest number of messages in a minute.")
    ] = None,
    quiet_hours: Annotated[
        list[str] | None,
        typer.Option(help="Hours in which messages wait, as in 'daily 22:00-07:00'; repeatable."),
    ] = None,
    tz: Annotated[str, typer.Option(help="Time zone of hours and texts.")] = "UTC",
    digest_s: Annotated[
        float, typer.Option(help="Seconds for which messages are gathered into one.")
    ] = 0.0,
    db: Database = None,
) -> None:
    """Add a target, which rules can name. Nothing is sent; see the command test.

    Address and secret are kept encrypted and shown nowhere.

    Example: ovd targets add ops https://example.org/hooks/ovd --secret-stdin
    """
    secret = _read_secret() if secret_stdin else ""
    options = TargetOptions(language, per_minute, tuple(quiet_hours or ()), tz, digest_s)
    with _open(db) as (targets, _):
        added = targets.add(command_identity(), name, TargetSecrets(url, secret), options)
    typer.echo(f"{added.name}  {added.url}")


@targets_app.command(name="list")
def list_targets(db: Database = None, as_json: AsJson = False) -> None:
    """List the targets, without their secrets.

    Example: ovd targets list
    """
    with _open(db) as (targets, _):
        known = targets.all()
    if as_json:
        typer.echo(json.dumps([describe_target(item) for item in known], ensure_ascii=False))
        return
    for item in known:
        notes = ("signed" if item.has_secret else "", "from ovd.toml" if item.fixed else "")
        typer.echo("  ".join(part for part in (item.name, item.url, *notes) if part))


@targets_app.command(name="test")
def try_target(name: Name, db: Database = None) -> None:
    """Send a test message now, and wait until the target has taken it.

    Example: ovd targets test ops
    """
    with _open(db) as (targets, _):
        target = targets.test(command_identity(), name)
    typer.echo(f"{target.name} took the message")


@targets_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Remove a target; messages that wait for it are given up.

    Example: ovd targets remove ops
    """
    with _open(db) as (targets, _):
        targets.remove(command_identity(), name)
    typer.echo(f"removed {name}")


@targets_app.command()
def undelivered(
    resend: Annotated[bool, typer.Option("--resend", help="Let them be sent again.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Remove them.")] = False,
    target: Annotated[str, typer.Option(help="Only of this target.")] = "",
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """List messages that were given up, newest first; let ovd serve send them again, or drop them.

    Example: ovd targets undelivered --resend
    """
    if resend and drop:
        raise InputError("messages are either sent again or dropped; give one of the two")
    with _open(db) as (_, store):
        if drop:
            typer.echo(f"{store.outbox.drop(target=target)} messages were dropped")
            return
        if resend:
            typer.echo(f"{store.outbox.resend(target=target)} messages wait again")
            return
        dead = store.outbox.entries(OutboxStatus.DEAD, target)
    if as_json:
        typer.echo(json.dumps([_describe_entry(entry) for entry in dead], ensure_ascii=False))
        return
    for entry in dead:
        message = entry.message
        typer.echo(
            f"{entry.id}  {entry.target}  {message.rule}  {message.type.value}  "
            f"{message.at:%Y-%m-%d %H:%M:%S} UTC  {entry.last_error}"
        )


def _read_secret() -> str:
    secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise InputError("no secret came on stdin; write: printf %s SECRET | ovd targets add ...")
    return secret


def describe_target(target: Target) -> dict[str, object]:
    """Return a target as in JSON."""
    options = target.options
    return {
        "name": target.name,
        "url": target.url,
        "has_secret": target.has_secret,
        "fixed": target.fixed,
        "language": options.language,
        "per_minute": options.per_minute,
        "quiet_hours": list(options.quiet_hours),
        "tz": options.tz,
        "digest_s": options.digest_s,
    }


def _describe_entry(entry: OutboxEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "target": entry.target,
        "attempts": entry.attempt,
        "error": entry.last_error,
        "message": entry.message.body(),
    }
