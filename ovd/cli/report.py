"""`ovd report`: the counts of a time range as a file."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import open_history
from ovd.cli.moments import parse_moment
from ovd.cli.options import AsJson, Database, settings_with
from ovd.cli.progress import open_progress
from ovd.services.buckets import load_zone
from ovd.services.export import export_report, require_format
from ovd.services.report import ReportRequest, ReportService

TEXT = typer.Option("-q", "--query", metavar="TEXT", help="Only this query; repeatable.")


def report(  # noqa: PLR0913 -- one parameter per option of the command
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to write.")],
    db: Database = None,
    camera: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this camera; repeatable.")
    ] = None,
    query: Annotated[list[str] | None, TEXT] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="ISO8601", help="First moment; default: all.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="ISO8601", help="Moment after the last.")
    ] = None,
    bucket: Annotated[str, typer.Option(help="1s, 1m, 15m, 1h or 1d.")] = "1m",
    tz: Annotated[
        str, typer.Option(metavar="Area/City", help="Time zone of the buckets and of --from, --to.")
    ] = "UTC",
    format_name: Annotated[
        str | None, typer.Option("--format", help="csv or json; default: from the file's name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the counts of a time range, in buckets, as CSV or JSON.

    Example: ovd report --camera campus --bucket 15m --tz Asia/Seoul --out counts.csv
    """
    name = format_name or out.suffix.removeprefix(".") or "csv"
    require_format(name)
    zone = load_zone(tz)
    request = ReportRequest(
        cameras=tuple(camera or ()),
        queries=tuple(query or ()),
        start_at=parse_moment(start, zone) if start else None,
        end_at=parse_moment(end, zone) if end else None,
        bucket=bucket,
        tz=tz,
    )
    with closing(open_history(settings_with(db=db))) as store, open_progress() as progress:
        progress.add_task("writing", total=None)
        built = ReportService(store).build(request)
        rows = export_report(built, out, name, overwrite=force)
    if as_json:
        typer.echo(json.dumps({"file": str(out), "format": name, "rows": rows}))
    else:
        typer.echo(f"{rows} rows: {out}")
