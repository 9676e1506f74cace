"""Counts in buckets, and reports as files."""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from ovd.api.context import ApiContext, Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.records import BucketName, CountRow, JobAnswer, ReportBody
from ovd.api.moments import From, To, parse_moment
from ovd.api.paging import Page, read_cursor, write_cursor
from ovd.api.routes.jobs import describe_job
from ovd.domain.access import Identity
from ovd.domain.records import CountSelection
from ovd.domain.time_zones import load_zone
from ovd.errors import CameraError, ForbiddenError, TimeRangeError
from ovd.render.logos import decode_logo
from ovd.services.jobs.service import JobControl
from ovd.services.reports.buckets import BUCKETS, elapsed_s
from ovd.services.reports.comparison import request_previous
from ovd.services.reports.export import ReportExtras, export_report, require_comparison
from ovd.services.reports.paging import PageStart, read_page
from ovd.services.reports.progress import ProgressReport
from ovd.services.reports.report import Report, ReportRequest
from ovd.services.reports.rows import ReportRow

router = APIRouter(tags=["counts"])
MOST_ROWS_AT_ONCE = 200_000
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_ROWS = {"schema": {"type": "array"}}
_FILE = {
    "content": {
        kind.partition(";")[0]: _ROWS if name == "json" else _BINARY
        for name, kind in _MEDIA.items()
    }
}
_PNG = {"content": {"image/png": _BINARY}}
PREVIEW_WIDTH = 1000
Names = Annotated[list[Annotated[str, Query(max_length=200)]] | None, Query(max_length=200)]


@dataclass(frozen=True)
class SeriesFilter:
    """Which series are wanted."""

    camera: Names = None
    query: Names = None


@dataclass(frozen=True)
class BucketRange:
    """Which time is wanted, and how it is cut."""

    start: From = None
    end: To = None
    bucket: BucketName = "1h"
    tz: Annotated[str, Query(max_length=64, examples=["Asia/Seoul"])] = "UTC"


Series = Annotated[SeriesFilter, Depends()]
Range = Annotated[BucketRange, Depends()]


@router.get("/counts", response_model=Items[CountRow])
def list_counts(
    context: Context, who: Viewer, series: Series, range_: Range, page: Page
) -> Response:
    """List counts in buckets, by camera, query and time: the rows of a report."""
    zone = load_zone(range_.tz)
    first = None
    start_at, end_at = parse_moment(range_.start, zone), parse_moment(range_.end, zone)
    if page.cursor is not None:
        first, start_at, end_at = _read_position(page.cursor)
    cameras, queries = permit(who, series.camera or []), tuple(series.query or ())
    request = ReportRequest(cameras, queries, start_at, end_at, range_.bucket, range_.tz)

    def read() -> bytes:
        counts = _read_counts(context, who, request, (first, page.limit))
        return counts.model_dump_json(by_alias=True).encode()

    content = context.recent.get((request, first, page.limit), read)
    return Response(content, media_type="application/json")


def _read_counts(
    context: ApiContext, who: Identity, request: ReportRequest, page: tuple[PageStart | None, int]
) -> Items[CountRow]:
    if _is_nothing_counted(context, request.cameras):
        return Items[CountRow](items=[])
    report = _build(context, who, request)
    rows, following = read_page(report, *page)
    return Items[CountRow](
        items=[_describe(row) for row in rows],
        next=None if following is None else _write_position(report, following),
    )


def _build(context: ApiContext, who: Identity, request: ReportRequest) -> Report:
    """Return a report; an error tells a viewer of some cameras of no others.

    Raises:
        CameraError: If there are no counts of a camera.
    """
    try:
        return context.services.reports.build(request)
    except CameraError as error:
        if who.cameras is None:
            raise
        raise CameraError("nothing was counted yet at one of these cameras") from error


def _is_nothing_counted(context: ApiContext, cameras: tuple[str, ...]) -> bool:
    """Return whether known cameras have no counts yet: their list is empty, and no mistake."""
    services = context.services
    known = {camera.name for camera in services.cameras.all(include_removed=True)}
    if any(camera not in known for camera in cameras):
        return False
    return not services.store.counts.extents(CountSelection(cameras=cameras))


@router.post(
    "/reports",
    response_class=FileResponse,
    responses={
        200: _FILE,
        202: {"model": JobAnswer, "description": "It takes long: a job makes it."},
        304: {"description": "The file is the one of If-None-Match."},
    },
)
def make_report(
    body: ReportBody,
    context: Context,
    who: Viewer,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
    prefer: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Return a report as a file, the same that `ovd report` writes.

    One of many rows, or with `Prefer: respond-async`, is made by a job: 202, and its `Location`.
    """
    report, baseline = _build_reports(context, who, body)
    if is_long(report) or "respond-async" in (prefer or ""):
        return _submit(context, who, body, (report, baseline))
    folder = Path(tempfile.mkdtemp(prefix="ovd-report-"))
    try:
        path = folder / f"report.{body.format}"
        _export(body, report, baseline, path)
        with path.open("rb") as file:
            tag = f'"{hashlib.file_digest(file, "sha256").hexdigest()[:32]}"'
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and tag in if_none_match:
        shutil.rmtree(folder, ignore_errors=True)
        return Response(status_code=304, headers=headers)
    return FileResponse(
        path,
        media_type=_MEDIA[body.format],
        filename=path.name,
        headers=headers,
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


@router.post("/reports/preview", response_class=Response, responses={200: _PNG})
def preview_report(body: ReportBody, context: Context, who: Viewer) -> Response:
    """Return the first page of a report as an image, as it is printed, whatever its format.

    Of a very long report its rows are merged into longer buckets, which changes no number.
    """
    # Rows take no comparison, but their first page does.
    body = body.model_copy(update={"format": "pdf"})
    report, baseline = _build_reports(context, who, body)
    while is_long(report):
        coarser = list(BUCKETS)[list(BUCKETS).index(body.bucket) + 1]
        body = body.model_copy(update={"bucket": coarser})
        report, baseline = _build_reports(context, who, body)
    with tempfile.TemporaryDirectory(prefix="ovd-preview-") as folder:
        path = Path(folder) / "report.pdf"
        _export(body, report, baseline, path)
        image = context.services.page_images.draw_first(path.read_bytes(), PREVIEW_WIDTH)
    return Response(image, media_type="image/png", headers={"Cache-Control": "no-store"})


def permit(who: Identity, cameras: list[str]) -> tuple[str, ...]:
    """Return the cameras of a request, or those that may be seen where it names none.

    Raises:
        ForbiddenError: If one of them may not be seen, or none at all.
    """
    if who.cameras is None:
        return tuple(cameras)
    if any(not who.may_see(camera) for camera in cameras) or not who.cameras:
        raise ForbiddenError("you may not see that camera")
    return tuple(cameras) or tuple(sorted(who.cameras))


def is_long(report: Report) -> bool:
    """Return whether a report has so many rows that a client should not wait for it."""
    buckets = elapsed_s(report.start_at, report.end_at) / BUCKETS[report.bucket]
    return buckets * len(report.series) > MOST_ROWS_AT_ONCE


def _build_reports(
    context: ApiContext, who: Identity, body: ReportBody
) -> tuple[Report, Report | None]:
    zone = load_zone(body.tz)
    request = ReportRequest(
        permit(who, body.cameras),
        tuple(body.queries),
        parse_moment(body.start, zone),
        parse_moment(body.end, zone),
        body.bucket,
        body.tz,
    )
    report = _build(context, who, request)
    report.require_observable()
    if body.compare is None:
        return report, None
    require_comparison(body.format)
    return report, context.services.reports.build(request_previous(request, report))


def _export(body: ReportBody, report: Report, baseline: Report | None, path: Path) -> None:
    extras = ReportExtras(
        logo=decode_logo(body.logo),
        language=body.language,
        title=body.title,
        baseline=baseline,
        created_at=datetime.now(UTC).astimezone(report.zone),
    )
    export_report(report, path, body.format, extras=extras)


def _submit(
    context: ApiContext, who: Identity, body: ReportBody, built: tuple[Report, Report | None]
) -> Response:
    report, baseline = built

    def work(control: JobControl) -> None:
        _export(body, ProgressReport.of(report, control.report), baseline, control.path)

    job = context.jobs.submit(who, "report", f"report.{body.format}", work)
    answer = describe_job(job).model_dump(mode="json")
    return JSONResponse(answer, 202, {"Location": f"/api/v1/jobs/{job.id}"})


def _write_position(report: Report, following: PageStart) -> str:
    times = (following.start_at, report.start_at, report.end_at)
    texts = (time.astimezone(UTC).isoformat() for time in times)
    return write_cursor([following.camera, following.query, *texts])


def _read_position(cursor: str) -> tuple[PageStart, datetime, datetime]:
    camera, query, *texts = map(str, read_cursor(cursor, [str] * 5))
    first, start_at, end_at = (parse_moment(text) for text in texts)
    if first is None or start_at is None or end_at is None:
        raise TimeRangeError("the cursor holds no times")
    return PageStart(camera, query, first), start_at, end_at


def _describe(row: ReportRow) -> CountRow:
    return CountRow.model_validate(vars(row))
