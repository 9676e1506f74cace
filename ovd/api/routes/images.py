"""The annotated image of a camera, as it is counted."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from ovd.api.context import ApiContext, CameraName, Context, Viewer, find_camera
from ovd.errors import CameraError, NotFoundError
from ovd.render.annotate import encode_jpeg
from ovd.render.thumbnails import shrink
from ovd.services.streaming.broadcast import BOUNDARY

router = APIRouter(prefix="/cameras/{name:path}", tags=["cameras"])
PLAIN_QUALITY = 92
_JPEG = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
_STREAM = {"content": {"multipart/x-mixed-replace": {"schema": {"type": "string"}}}}


@router.get(
    "/frame.jpg",
    response_class=Response,
    responses={200: _JPEG, 304: {"description": "The frame is the one of If-None-Match."}},
)
def frame(
    name: CameraName,
    context: Context,
    who: Viewer,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
    plain: Annotated[bool, Query(description="Without boxes, as the camera sent it.")] = False,
    longest: Annotated[
        int, Query(ge=16, le=10_000, description="Longest side of a plain frame in pixels.")
    ] = 10_000,
) -> Response:
    """Return the newest counted frame with its boxes."""
    camera = find_camera(context, who, name)
    if plain:
        return _plain_frame(context, camera.name, longest, if_none_match or "")
    try:
        status = context.services.fleet.status(camera.name)
        sequence, jpeg = context.jpegs.next_jpeg(camera.name, 0, 0.0)
    except CameraError as error:
        raise _not_counted(camera.name) from error
    if jpeg is None:
        raise NotFoundError(f"no frame of camera {camera.name!r} was counted yet")
    headers = {"ETag": f'"{status.run_id}-{sequence}"', "Cache-Control": "private, no-cache"}
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(jpeg, media_type="image/jpeg", headers=headers)


def _plain_frame(context: ApiContext, camera: str, longest_px: int, known: str) -> Response:
    try:
        run_id = context.services.fleet.status(camera).run_id
        latest = context.services.fleet.latest(camera)
    except CameraError as error:
        raise _not_counted(camera) from error
    if latest is None:
        raise NotFoundError(f"no frame of camera {camera!r} was counted yet")
    frame = latest.result.frame
    headers = {
        "ETag": f'"{run_id}-{latest.sequence}-{longest_px}"',
        "Cache-Control": "private, no-cache",
        "X-Captured-At": frame.captured_at.isoformat(),
    }
    if headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    jpeg = encode_jpeg(shrink(frame.image, longest_px), PLAIN_QUALITY)
    return Response(jpeg, media_type="image/jpeg", headers=headers)


@router.get("/stream.mjpg", response_class=StreamingResponse, responses={200: _STREAM})
async def stream(name: CameraName, context: Context, who: Viewer) -> StreamingResponse:
    """Return the counted frames one after the other, as an `<img>` shows them."""
    camera = find_camera(context, who, name)
    try:
        context.services.fleet.status(camera.name)
    except CameraError as error:
        raise _not_counted(camera.name) from error
    return StreamingResponse(
        context.broadcast.parts(camera.name),
        media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
        headers={"Cache-Control": "no-store"},
    )


def _not_counted(camera: str) -> NotFoundError:
    """Return the error of a camera that does not run; the fleet's own names the others."""
    return NotFoundError(f"camera {camera[:80]!r} is not counted now")
