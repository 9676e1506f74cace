"""`ovd audit`: who changed what."""

import json
from typing import Annotated

import typer

from ovd.cli.options import AsJson, Database
from ovd.cli.users import open_access
from ovd.domain.access import AuditEntry


def audit(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many entries.")] = 100,
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this user or token.")
    ] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show who changed what, when and from where, newest first.

    Example: ovd audit --limit 20
    """
    with open_access(db) as access:
        entries = access.audit.newest(limit, actor=actor)
    if as_json:
        typer.echo(json.dumps([_describe(entry) for entry in entries], ensure_ascii=False))
        return
    for entry in entries:
        what = " ".join(filter(None, (entry.action, entry.target, entry.detail)))
        who = f"{entry.kind.value} {entry.actor}".strip()
        typer.echo(f"{entry.at.isoformat(timespec='seconds')}  {who}  {entry.address}  {what}")


def _describe(entry: AuditEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "kind": entry.kind.value,
        "actor": entry.actor,
        "address": entry.address,
        "action": entry.action,
        "target": entry.target,
        "detail": entry.detail,
    }
