"""`ovd db`: the database as a whole."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ovd.cli.options import AsJson, Database, settings_with
from ovd.domain.records import StoreState
from ovd.video.clock import SystemClock

db_app = typer.Typer(
    help="Upgrade, copy, measure, pack and check the database.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]
Target = Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")]
Copy = Annotated[Path, typer.Argument(metavar="FILE", help="Copy made by ovd db backup.")]


@db_app.command()
def upgrade(db: Database = None) -> None:
    """Create the database, or bring it to the schema of this ovd; counting does it by itself.

    Example: ovd db upgrade
    """
    from ovd.store.connection.engine import open_engine
    from ovd.store.schema.upgrade import HEAD

    open_engine(settings_with(db=db).db_url).dispose()
    typer.echo(f"up to date: schema {HEAD}")


@db_app.command()
def backup(file: Target, db: Database = None, force: Force = False) -> None:
    """Copy a database file while it is in use.

    Example: ovd db backup counts-2026-03-01.db
    """
    from ovd.store.maintenance.backup import backup_file

    size = backup_file(settings_with(db=db).db_url, file, force)
    typer.echo(f"{size} bytes: {file}")


@db_app.command()
def restore(file: Copy, db: Database = None) -> None:
    """Put a copy in the place of the database; the former one is kept beside it.

    Refused while a process is counting, and for copies that are damaged, of a newer ovd or of
    another program.

    Example: ovd db restore counts-2026-03-01.db
    """
    from ovd.store.maintenance.backup import restore_file

    kept = restore_file(file, settings_with(db=db).db_url, SystemClock().now())
    typer.echo("restored" if kept is None else f"restored; the former database is {kept}")


@db_app.command()
def stats(db: Database = None, as_json: AsJson = False) -> None:
    """Tell how many rows and bytes every table has, from when to when, and whether there is room.

    Example: ovd db stats
    """
    from ovd.store.maintenance.whole_database import Maintenance

    settings = settings_with(db=db)
    with Maintenance(settings.db_url) as database:
        size = database.measure()
    first_at, last_at, kept_from = (
        None if moment is None else moment.isoformat()
        for moment in (size.first_at, size.last_at, size.kept_from)
    )
    free = size.free_bytes
    short = free is not None and free < settings.min_free_bytes
    state = StoreState.LOW_SPACE if short else StoreState.GOOD
    if as_json:
        tables = {table.name: vars(table) for table in size.tables}
        about = {"schema": size.revision, "first_at": first_at, "last_at": last_at}
        about |= {"kept_from": kept_from, "state": state.value}
        typer.echo(json.dumps(about | {"free_bytes": free, "tables": tables}))
        return
    typer.echo(f"schema {size.revision}; counts from {first_at or '-'} to {last_at or '-'}")
    if kept_from is not None:
        typer.echo(f"counts per frame before {kept_from} were removed; their sums are there")
    if free is not None:
        wanted = f"{settings.min_free_bytes:,} wanted"
        typer.echo(f"{state.value}: {free:,} bytes free on its disk, {wanted}")
    for table in size.tables:
        shown = "-" if table.size_bytes is None else f"{table.size_bytes:,}"
        typer.echo(f"{table.name:14} {table.rows:>14,} rows {shown:>18} bytes")


@db_app.command()
def vacuum(db: Database = None) -> None:
    """Give the space of removed rows back to the disk; needs as much again while it runs.

    Example: ovd db vacuum
    """
    from ovd.store.maintenance.whole_database import Maintenance

    with Maintenance(settings_with(db=db).db_url) as database:
        database.vacuum()
    typer.echo("done")


@db_app.command()
def rebuild(db: Database = None) -> None:
    """Sum the rollups of minutes, hours and days anew from the counts.

    Example: ovd db rebuild
    """
    from ovd.store.maintenance.whole_database import Maintenance

    with Maintenance(settings_with(db=db).db_url) as database:
        pairs = database.rebuild_rollups()
    typer.echo(f"summed anew: {pairs} pairs of camera and query")
