"""Images of what was counted."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from starlette.responses import Response

from ovd.api.context import Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.records import EvidenceAnswer
from ovd.api.moments import Filter, parse_moment
from ovd.api.paging import Page, read_cursor, write_cursor
from ovd.domain.records import EvidenceImage
from ovd.errors import InputError, NotFoundError

router = APIRouter(prefix="/evidence", tags=["evidence"])
_JPEG = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("")
def list_evidence(
    context: Context, who: Viewer, wanted: Filter, page: Page
) -> Items[EvidenceAnswer]:
    """List the kept images, by camera, query and time."""
    begin = 0 if page.cursor is None else int(read_cursor(page.cursor, [int])[0])
    if begin < 0:
        raise InputError("the cursor is not one that this server made; begin without one")
    start_at = parse_moment(wanted.start) or datetime.min.replace(tzinfo=UTC)
    end_at = parse_moment(wanted.end) or datetime.max.replace(tzinfo=UTC)
    archive = context.services.evidence
    images = [
        image
        for name, text in archive.series()
        if wanted.camera in (None, name) and wanted.query in (None, text) and who.may_see(name)
        for image in archive.find(name, text, start_at, end_at)
    ]
    end = begin + page.limit
    return Items[EvidenceAnswer](
        items=[_describe(image) for image in images[begin:end]],
        next=write_cursor([end]) if end < len(images) else None,
    )


@router.get("/{image_id}.jpg", response_class=FileResponse, responses={200: _JPEG})
def show_evidence(
    image_id: Annotated[str, Path(max_length=2000)], context: Context, who: Viewer
) -> Response:
    """Return an image."""
    try:
        run_id, frame_index, query, number = read_cursor(image_id, [int, int, str, int])
    except InputError as error:
        raise NotFoundError("there is no image of that id") from error
    archive = context.services.evidence
    found = archive.of_count(int(run_id), int(frame_index), str(query))
    image = next((item for item in found if item.number == number), None)
    if image is None or not who.may_see(image.camera):
        raise NotFoundError("there is no image of that id")
    path = archive.path_of(image)
    if not path.is_file():
        raise NotFoundError("that image has been removed")
    return FileResponse(
        path,
        media_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600"},
    )


def _describe(image: EvidenceImage) -> EvidenceAnswer:
    return EvidenceAnswer(
        id=write_cursor([image.run_id, image.frame_index, image.query, image.number]),
        camera=image.camera,
        query=image.query,
        captured_at=image.captured_at,
        score=image.score,
        run_id=image.run_id,
        frame_index=image.frame_index,
    )
