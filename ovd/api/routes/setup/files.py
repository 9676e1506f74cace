"""Many cameras at once, as a file."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.responses import Response

from ovd.api.context import Admin, Context
from ovd.api.forms import form_example
from ovd.api.models.cameras import ImportAnswer, RefusedImport
from ovd.domain.cameras import CameraSettings
from ovd.errors import InputError, OvdError
from ovd.services.cameras import CameraService
from ovd.services.cameras.file import describe_cameras, read_cameras, save_cameras
from ovd.services.queries import merge_camera_queries

router = APIRouter(prefix="/camera-file", tags=["cameras"])
FILE_NAME = "cameras.json"
LARGEST_BYTES = 4_000_000
MOST_CAMERAS = 1000
_FILE = {"content": {"application/json": {"schema": {"type": "object"}}}}


@router.get("", response_class=Response, responses={200: _FILE})
def export(context: Context, who: Admin) -> Response:
    """Return all cameras as a file, without passwords."""
    text = describe_cameras(context.services.cameras)
    context.note(who, "cameras.export")
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(text.encode(), media_type="application/json", headers=headers)


@router.post("", openapi_extra=form_example(file="cameras.json"))
def import_file(
    context: Context,
    who: Admin,
    file: Annotated[UploadFile, File(description="A file of `GET /camera-file`.")],
) -> ImportAnswer:
    """Add the cameras of a file, or change those of their names.

    What may not be added from afar, such as a file on this machine, is left out.
    """
    services = context.services
    known = {camera.name: camera.uri for camera in services.cameras.all()}
    service = CameraService(services.cameras)
    wanted, refused = [], []
    for settings in _read(file):
        is_known = known.get(settings.name) == settings.address.uri
        problem = "" if is_known else _find_problem(service, settings)
        if problem:
            refused.append(RefusedImport(name=settings.name, message=problem))
        else:
            distinct = merge_camera_queries(services.reader, settings.queries)
            wanted.append(replace(settings, queries=distinct.queries))
    names = save_cameras(services.cameras, wanted)
    services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.import", "", f"{len(names)} cameras")
    incomplete = {camera.name for camera in services.cameras.all() if not camera.complete}
    return ImportAnswer(
        names=list(names),
        incomplete=[name for name in names if name in incomplete],
        refused=refused,
    )


def _read(file: UploadFile) -> tuple[CameraSettings, ...]:
    name = (file.filename or "the file")[:80]
    content = file.file.read(LARGEST_BYTES + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{name} is no text; a file of GET /camera-file is wanted") from None
    wanted = read_cameras(text, name)
    if len(content) > LARGEST_BYTES or len(wanted) > MOST_CAMERAS:
        raise InputError(f"at most {MOST_CAMERAS} cameras are taken from one file")
    return wanted


def _find_problem(service: CameraService, settings: CameraSettings) -> str:
    """Return why the address of a camera may not be added from afar; empty if it may."""
    try:
        service.parse_remote_address(settings.address.uri)
    except OvdError as error:
        return str(error)
    return ""
