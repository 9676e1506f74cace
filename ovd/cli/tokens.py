"""`ovd tokens`: API tokens."""

import json
from typing import Annotated

import typer

from ovd.cli.identity import command_identity
from ovd.cli.options import AsJson, Database
from ovd.cli.users import OnlyCameras, open_access
from ovd.domain.access import Role, Token

tokens_app = typer.Typer(
    help="Make, list and revoke API tokens.", no_args_is_help=True, rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the token, in any case.")]


@tokens_app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.VIEWER,
    days: Annotated[
        int | None, typer.Option(help="Days after which it ends; default: never.")
    ] = None,
    camera: OnlyCameras = None,
    db: Database = None,
) -> None:
    """Make a token and print it, once: only a hash is stored.

    Example: ovd tokens add grafana --role viewer --days 365
    """
    with open_access(db) as access:
        issued = access.tokens.issue(
            command_identity(), name, role, days, None if camera is None else tuple(camera)
        )
    typer.echo("keep it now: it is shown only this once", err=True)
    typer.echo(issued.secret)


@tokens_app.command(name="list")
def list_tokens(db: Database = None, as_json: AsJson = False) -> None:
    """List the tokens by the start of each; the rest is not stored.

    Example: ovd tokens list
    """
    with open_access(db) as access:
        tokens = access.tokens.all()
    if as_json:
        typer.echo(json.dumps([_describe(token) for token in tokens], ensure_ascii=False))
        return
    for token in tokens:
        ends = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "no end"
        used = f"used {token.last_used_at:%Y-%m-%d %H:%M} UTC" if token.last_used_at else "unused"
        typer.echo(f"{token.name}  {token.role.value}  {token.prefix}...  {ends}  {used}")


@tokens_app.command()
def revoke(name: Name, db: Database = None) -> None:
    """End a token at once.

    Example: ovd tokens revoke grafana
    """
    with open_access(db) as access:
        token = access.tokens.revoke(command_identity(), name)
    typer.echo(f"revoked {token.name}")


# What a user of `ovd users remove` types.
tokens_app.command(name="remove", hidden=True)(revoke)


def _describe(token: Token) -> dict[str, object]:
    times: dict[str, object] = {
        name: None if moment is None else moment.isoformat()
        for name, moment in (
            ("created_at", token.created_at),
            ("expires_at", token.expires_at),
            ("last_used_at", token.last_used_at),
        )
    }
    facts: dict[str, object] = {
        "name": token.name,
        "role": token.role.value,
        "prefix": token.prefix,
        "cameras": None if token.cameras is None else sorted(token.cameras),
        "created_by": token.created_by,
    }
    return facts | times
