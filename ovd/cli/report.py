"""`ovd report`: the counts of a time range as a file."""

import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_reader, open_history, prepare_detector
from ovd.cli.options import AsJson, Database, settings_with
from ovd.cli.progress import open_progress
from ovd.cli.timestamps import parse_moment
from ovd.domain.time_zones import load_zone
from ovd.errors import InputError, OvdError
from ovd.services.reports.comparison import request_previous
from ovd.services.reports.export import FORMATS, ReportExtras, export_report, require_format
from ovd.services.reports.report import Report, ReportRequest, ReportService
from ovd.settings import Settings
from ovd.texts.report import report_texts

PREVIOUS = "previous"

Out = Annotated[Path, typer.Option(metavar="FILE", help="File to write.")]
Cameras = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Only this camera; repeatable.")
]
OnlyQueries = Annotated[
    list[str] | None,
    typer.Option("-q", "--query", metavar="TEXT", help="Only this query; repeatable."),
]
Start = Annotated[
    str | None, typer.Option("--from", metavar="ISO8601", help="First moment; default: all.")
]
End = Annotated[str | None, typer.Option("--to", metavar="ISO8601", help="Moment after the last.")]
Bucket = Annotated[str, typer.Option(help="1s, 1m, 15m, 1h or 1d.")]
Zone = Annotated[
    str, typer.Option(metavar="Area/City", help="Time zone of the buckets and of --from, --to.")
]
FormatName = Annotated[
    str | None,
    typer.Option("--format", help=f"{', '.join(FORMATS)}; default: from the file's name."),
]
Compare = Annotated[
    str | None,
    typer.Option(metavar="previous", help="Compare with the period just before, as long."),
]
CompareFrom = Annotated[
    str | None,
    typer.Option(metavar="ISO8601", help="Compare with the period that starts here."),
]
CompareTo = Annotated[
    str | None, typer.Option(metavar="ISO8601", help="Its end; default: as long as the report.")
]
CompareCamera = Annotated[
    str | None, typer.Option(metavar="NAME", help="Compare with another camera, by query.")
]
Language = Annotated[str, typer.Option(help="Language of the report's words: en or ko.")]
Title = Annotated[str, typer.Option(metavar="TEXT", help="Headline of the report.")]
Logo = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="PNG or JPEG beside the title of XLSX, HTML and PDF."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]


@dataclass(frozen=True)
class _Comparison:
    """Values of the options that say what to compare with."""

    period: str | None
    start: str | None
    end: str | None
    camera: str | None


def report(  # noqa: PLR0913 -- one parameter per option of the command
    out: Out,
    db: Database = None,
    camera: Cameras = None,
    query: OnlyQueries = None,
    start: Start = None,
    end: End = None,
    bucket: Bucket = "1m",
    tz: Zone = "UTC",
    format_name: FormatName = None,
    compare: Compare = None,
    compare_from: CompareFrom = None,
    compare_to: CompareTo = None,
    compare_camera: CompareCamera = None,
    lang: Language = "en",
    title: Title = "",
    logo: Logo = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the counts of a time range, in buckets, as a table or as a report to read and print.

    Example: ovd report --camera campus --bucket 15m --tz Asia/Seoul --out counts.csv

    Example: ovd report --from 2026-03-01 --to 2026-04-01 --compare previous --out march.pdf
    """
    name = format_name or out.suffix.removeprefix(".") or "csv"
    require_format(name)
    report_texts(lang)
    zone, settings = load_zone(tz), settings_with(db=db)
    request = ReportRequest(
        cameras=tuple(camera or ()),
        queries=tuple(query or ()),
        start_at=parse_moment(start, zone) if start else None,
        end_at=parse_moment(end, zone) if end else None,
        bucket=bucket,
        tz=tz,
    )
    comparison = _Comparison(compare, compare_from, compare_to, compare_camera)
    with closing(open_history(settings)) as store, open_progress() as progress:
        progress.add_task("writing", total=None)
        reports = ReportService(store, partial(_read_as, settings))
        built, baseline = _build(reports, request, comparison)
        now = datetime.now().astimezone()
        extras = ReportExtras(lang, title, baseline, now, _read_logo(logo))
        rows = export_report(built, out, name, overwrite=force, extras=extras)
    if as_json:
        typer.echo(json.dumps({"file": str(out), "format": name, "rows": rows}))
    else:
        typer.echo(f"{rows} rows: {out}")


def _read_as(settings: Settings, text: str) -> str:
    """Return how a query that was never typed where it was counted is read; else the text."""
    try:
        reader = build_reader(prepare_detector(settings).unopened, settings.weights_dir)
        return reader.read(text).read_as
    except OvdError:
        return text


def _read_logo(file: Path | None) -> bytes:
    if file is None:
        return b""
    from ovd.render.logos import fit_logo

    try:
        return fit_logo(file.read_bytes())
    except OSError as error:
        raise InputError(f"the logo {file} cannot be read: {error.strerror}") from error


def _build(
    service: ReportService, request: ReportRequest, comparison: _Comparison
) -> tuple[Report, Report | None]:
    built = service.build(request)
    built.require_observable()
    named = replace(request, cameras=request.cameras or built.cameras)
    asked = _request_baseline(named, built, comparison)
    return built, service.build(asked) if asked else None


def _request_baseline(
    request: ReportRequest, built: Report, comparison: _Comparison
) -> ReportRequest | None:
    """Return the request of the report to compare with, or None.

    Raises:
        InputError: If the options do not fit together.
        TimeRangeError: If a moment cannot be read.
    """
    start, camera = comparison.start, comparison.camera
    if comparison.end and not start:
        raise InputError("--compare-to needs --compare-from")
    if sum(option is not None for option in (comparison.period, start, camera)) > 1:
        raise InputError("choose one of --compare, --compare-from and --compare-camera")
    if camera is not None:
        if len(built.cameras) != 1 or built.cameras == (camera,):
            raise InputError("--compare-camera compares two cameras: name the other by --camera")
        return replace(request, cameras=(camera,), start_at=built.start_at, end_at=built.end_at)
    if start is not None:
        start_at = parse_moment(start, built.zone)
        length = built.end_at.astimezone(UTC) - built.start_at.astimezone(UTC)
        end_at = start_at.astimezone(UTC) + length
        if comparison.end:
            end_at = parse_moment(comparison.end, built.zone)
        return replace(request, start_at=start_at, end_at=end_at)
    if comparison.period not in (None, PREVIOUS):
        raise InputError(f"cannot compare with {comparison.period!r}; known: {PREVIOUS}")
    return request_previous(request, built) if comparison.period else None
