"""`ovd db`: the database as a whole."""

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ovd.cli.identity import command_identity
from ovd.cli.options import AsJson, Database, settings_with
from ovd.cli.timestamps import parse_moment
from ovd.domain.records import StoreState
from ovd.settings import Settings
from ovd.video.clock import SystemClock

if TYPE_CHECKING:
    from ovd.services.upkeep.archive import Unpacked
    from ovd.store.maintenance.backup import Restored

db_app = typer.Typer(
    help="Upgrade, copy, measure, pack and erase from the database.",
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
def backup(
    file: Target,
    everything: Annotated[
        bool, typer.Option("--all", help="With the key and the images, as one tar file.")
    ] = False,
    db: Database = None,
    force: Force = False,
) -> None:
    """Copy a database file while it is in use; with --all the key and the images too.

    A copy with --all can read the passwords of cameras: keep it as safe as the data folder.

    Example: ovd db backup --all ovd-2026-03-01.tar
    """
    from ovd.store.maintenance.backup import backup_file

    settings = settings_with(db=db)
    if not everything:
        size = backup_file(settings.db_url, file, force)
    else:
        from ovd.bootstrap.stores import write_backup

        size = write_backup(settings, file, SystemClock().now(), force)
        if settings.secret_key:
            typer.echo(
                "the key is not in it: it comes from OVD_SECRET_KEY; keep that too", err=True
            )
    typer.echo(f"{size} bytes: {file}")


@db_app.command()
def restore(file: Copy, db: Database = None) -> None:
    """Put a copy in the place of the database; the former one is kept beside it.

    A copy made with --all brings the key and the images back too. What was erased since the copy
    was made is erased again. Refused while a process is counting, and for copies that are
    damaged, of a newer ovd or of another program.

    Example: ovd db restore counts-2026-03-01.db
    """
    from ovd.services.upkeep.archive import is_archive, unpack_archive

    settings = settings_with(db=db)
    if not is_archive(file):
        _restore_database(file, settings)
        return
    with unpack_archive(file, settings.data_dir) as unpacked:
        _restore_all(unpacked, settings)


def _restore_all(unpacked: "Unpacked", settings: Settings) -> None:
    from ovd.bootstrap.stores import KEY_FILE
    from ovd.services.upkeep.archive import EVIDENCE, put_in_place

    restored = _restore_database(unpacked.database, settings)
    now = SystemClock().now()
    for new, name in ((unpacked.key, KEY_FILE), (unpacked.evidence, EVIDENCE)):
        kept = put_in_place(new, settings.data_dir / name, now)
        if kept is not None:
            typer.echo(f"the former {name} is {kept}")
    _erase_images(restored, settings)


def _restore_database(file: Path, settings: Settings) -> "Restored":
    from ovd.store.maintenance.backup import restore_file

    restored = restore_file(file, settings.db_url, SystemClock().now())
    kept = restored.kept
    typer.echo("restored" if kept is None else f"restored; the former database is {kept}")
    if restored.erased:
        typer.echo(f"erased again what was erased since then: {len(restored.erased)} periods")
    return restored


def _erase_images(restored: "Restored", settings: Settings) -> None:
    from ovd.bootstrap import open_evidence
    from ovd.services.upkeep.erasing import erase_images

    with closing(open_evidence(settings)) as evidence:
        for erasure, rows in restored.erased:
            erase_images(evidence, erasure, rows)


@db_app.command()
def erase(
    camera: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this camera; repeatable.")
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option("-q", "--query", metavar="TEXT", help="Only this query; repeatable."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="ISO8601", help="First moment; default: all.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="ISO8601", help="Moment after the last.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    db: Database = None,
) -> None:
    """Erase counts, tracks, zone events, alerts and images for good, by camera, query and period.

    The period is widened to whole minutes. Reports show it as not observed. A backup that still
    has it loses it when it is restored here. Written to the audit log.

    Example: ovd db erase --camera gate --from 2026-03-01T08:00 --to 2026-03-01T09:00
    """
    from ovd.bootstrap import build_access, open_evidence, open_history
    from ovd.services.upkeep.erasing import EraseRequest, ErasingService

    request = EraseRequest(tuple(camera or ()), tuple(query or ()), _moment(start), _moment(end))
    if not yes:
        typer.confirm("erase for good what was counted there", abort=True)
    settings = settings_with(db=db)
    with closing(open_history(settings)) as store, closing(open_evidence(settings)) as evidence:
        clock = SystemClock()
        service = ErasingService(store, evidence, build_access(store).audit, clock)
        outcome = service.erase(command_identity(), request)
    rows = outcome.rows
    typer.echo(
        f"erased {rows.counts} counts, {rows.tracks} tracks, {rows.zone_events} zone events, "
        f"{rows.alerts} messages about alerts, {outcome.images} images"
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)


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
