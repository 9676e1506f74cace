"""Addresses of cameras: tried before they are kept, and templates of common makers."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter

from ovd.api.context import Admin, ApiContext, Context, Operator, Viewer, find_camera
from ovd.api.models.answers import Items
from ovd.api.models.cameras import (
    AddressTemplateAnswer,
    CameraTest,
    CameraTestAnswer,
    FoundCameraAnswer,
)
from ovd.domain.access import Identity, Role
from ovd.domain.zones import Mask
from ovd.errors import (
    AddressError,
    CredentialsError,
    InputError,
    OpenFailure,
    OvdError,
    SourceError,
    SourceOpenError,
)
from ovd.render.annotate import encode_jpeg
from ovd.render.thumbnails import shrink
from ovd.services.cameras import CameraService, add_login
from ovd.services.cameras.templates import TEMPLATES
from ovd.services.cameras.testing import OpenedCamera, name_problem
from ovd.services.counting.masking import FrameMasks

router = APIRouter(tags=["cameras"])
LONGEST_SIDE_PX = 1280


@router.get("/camera-templates")
def list_templates(who: Viewer) -> Items[AddressTemplateAnswer]:
    """List where the cameras of common makers send video."""
    return Items[AddressTemplateAnswer](
        items=[AddressTemplateAnswer(**vars(template)) for template in TEMPLATES]
    )


@router.post("/camera-discovery")
def find_cameras(context: Context, who: Admin) -> Items[FoundCameraAnswer]:
    """Ask the local network for ONVIF cameras; those that answer within 2 seconds are listed."""
    found = context.services.finder.find()
    return Items[FoundCameraAnswer](items=[FoundCameraAnswer(**vars(one)) for one in found])


@router.post("/camera-test")
def test_camera(body: CameraTest, context: Context, who: Operator) -> CameraTestAnswer:
    """Open a camera and return its first image; nothing is counted or kept.

    A new address takes an admin. That of a camera that is kept is opened with its credentials.
    """
    try:
        opened = _open(body, context, who)
    except (SourceError, InputError) as error:
        _require_problem_of_source(error)
        return CameraTestAnswer(problem=name_problem(error).value, message=str(error))
    context.note(who, "cameras.test", body.name, opened.info.uri)
    height, width = opened.frame.size_hw
    jpeg = encode_jpeg(shrink(opened.frame.image, LONGEST_SIDE_PX))
    return CameraTestAnswer(
        problem="",
        message="",
        width=width,
        height=height,
        fps=round(opened.info.fps, 2),
        seconds=round(opened.took_s, 2),
        image=f"data:image/jpeg;base64,{b64encode(jpeg).decode()}",
    )


def _require_problem_of_source(error: OvdError) -> None:
    """Raise errors again that tell of the request, not of the camera."""
    if not isinstance(error, SourceError | AddressError | CredentialsError):
        raise error


def _open(body: CameraTest, context: ApiContext, who: Identity) -> OpenedCamera:
    services = context.services
    if not body.uri:
        camera = find_camera(context, who, body.name)
        opened = services.tester.open(services.cameras.find_address(camera.name), camera.name)
        return _conceal(opened, camera.masks)
    who.require(Role.ADMIN)
    uri = add_login(body.uri, body.user, body.password)
    try:
        address = CameraService(services.cameras).parse_remote_address(uri)
    except SourceOpenError as error:
        raise AddressError(str(error)) from error
    opened = services.tester.open(address.full_uri or address.uri, body.name or address.uri)
    if opened.info.recorded:
        raise SourceOpenError("this is a recording, not a camera", OpenFailure.RECORDED)
    kept = services.cameras.all(include_removed=True)
    return _conceal(
        opened, [mask for camera in kept if camera.uri == address.uri for mask in camera.masks]
    )


def _conceal(opened: OpenedCamera, masks: Sequence[Mask]) -> OpenedCamera:
    return replace(opened, frame=FrameMasks(masks).conceal(opened.frame))
