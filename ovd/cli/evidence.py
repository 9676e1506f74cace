"""`ovd evidence`: the images behind the counts."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import open_evidence
from ovd.cli.options import AsJson, settings_with
from ovd.cli.timestamps import parse_moment
from ovd.domain.ports import EvidenceArchive
from ovd.domain.records import EvidenceImage
from ovd.errors import InputError
from ovd.render.thumbnails import contact_sheet
from ovd.video.images import load_image, save_image

MOST_ON_A_SHEET = 200

evidence_app = typer.Typer(
    help="The images behind the counts.", no_args_is_help=True, rich_markup_mode=None
)
CameraName = Annotated[str | None, typer.Option("--camera", metavar="NAME", help="Only this one.")]
QueryText = Annotated[
    str | None, typer.Option("-q", "--query", metavar="TEXT", help="Only this query.")
]
Start = Annotated[
    str | None, typer.Option("--from", metavar="ISO8601", help="First moment; default: all.")
]
End = Annotated[str | None, typer.Option("--to", metavar="ISO8601", help="Moment after the last.")]


@evidence_app.command(name="list")
def list_evidence(
    camera: CameraName = None,
    query: QueryText = None,
    start: Start = None,
    end: End = None,
    as_json: AsJson = False,
) -> None:
    """List the kept images, by camera, query and time.

    Example: ovd evidence list --camera gate -q person --from 2026-03-01T08:00
    """
    archive = open_evidence(settings_with())
    found = list(_find(archive, camera, query, _range(start, end)))
    if as_json:
        typer.echo(json.dumps([_describe(archive, item) for item in found], ensure_ascii=False))
        return
    for item in found:
        typer.echo(
            f"{item.captured_at.isoformat()}  {item.camera}  {item.query}  {item.score:.2f}  "
            f"{archive.path_of(item)}"
        )


@evidence_app.command()
def show(
    out: Annotated[Path, typer.Option(metavar="FILE.jpg", help="Image to write.")],
    camera: CameraName = None,
    query: QueryText = None,
    start: Start = None,
    end: End = None,
) -> None:
    """Put the kept images side by side into one, the newest 200.

    Example: ovd evidence show --camera gate -q person --out persons.jpg
    """
    archive = open_evidence(settings_with())
    found = list(_find(archive, camera, query, _range(start, end)))
    if not found:
        raise InputError("no image was kept of that; count with --keep crops, or ask for more")
    chosen = sorted(found, key=lambda item: item.captured_at)[-MOST_ON_A_SHEET:]
    save_image(out, contact_sheet([load_image(archive.path_of(item)) for item in chosen]))
    typer.echo(f"{len(chosen)} of {len(found)} images: {out}")


def _range(start: str | None, end: str | None) -> tuple[datetime, datetime]:
    return (
        parse_moment(start) if start else datetime.min.replace(tzinfo=UTC),
        parse_moment(end) if end else datetime.max.replace(tzinfo=UTC),
    )


def _find(
    archive: EvidenceArchive,
    camera: str | None,
    query: str | None,
    interval: tuple[datetime, datetime],
) -> Iterator[EvidenceImage]:
    for name, text in archive.series():
        if camera in (None, name) and query in (None, text):
            yield from archive.find(name, text, *interval)


def _describe(archive: EvidenceArchive, item: EvidenceImage) -> dict[str, str | int | float]:
    return {
        "camera": item.camera,
        "query": item.query,
        "captured_at": item.captured_at.isoformat(),
        "run_id": item.run_id,
        "frame_index": item.frame_index,
        "number": item.number,
        "score": item.score,
        "file": str(archive.path_of(item)),
    }
