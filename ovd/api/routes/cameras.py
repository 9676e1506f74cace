"""Cameras: list, add, change, start, stop, remove; and their zones."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from ovd.api.context import (
    Admin,
    ApiContext,
    CameraName,
    Context,
    Operator,
    Viewer,
    find_camera,
    find_status,
)
from ovd.api.models.answers import Items
from ovd.api.models.cameras import (
    AliasAnswer,
    CameraAnswer,
    CameraPatch,
    CameraQueryAnswer,
    CameraQueryBody,
    NewCamera,
    QueryGiven,
    ZoneBody,
    ZonesBody,
)
from ovd.api.moments import parse_moment
from ovd.bootstrap import require_choice
from ovd.domain.access import Identity, Role
from ovd.domain.cameras import (
    Camera,
    CameraChanges,
    CameraOptions,
    CameraQuery,
    CameraSettings,
    check_camera_name,
)
from ovd.domain.ports import CameraStatus, SourceOptions
from ovd.domain.query import Query as ReadQuery
from ovd.domain.records import RunStatus
from ovd.domain.zones import build_zone, zone_kind
from ovd.errors import CameraError, ConflictError, InputError
from ovd.services.cameras import CameraService, add_login, choose_camera_name
from ovd.services.queries import (
    Alias,
    DistinctCameraQueries,
    merge_aliases,
    merge_camera_queries,
)
from ovd.services.streaming.signal import name_state
from ovd.settings import Settings
from ovd.video.uri import SourceUri, UriKind

router = APIRouter(prefix="/cameras", tags=["cameras"])
UPLOAD = "upload:"
_LIVE = (UriKind.RTSP, UriKind.HTTP, UriKind.WEBCAM)


@router.get("")
def list_cameras(context: Context, who: Viewer) -> Items[CameraAnswer]:
    """List the cameras by name, without those that were removed."""
    statuses = {status.camera: status for status in context.services.fleet.statuses()}
    return Items[CameraAnswer](
        items=[
            _describe(camera, statuses.get(camera.name))
            for camera in context.services.cameras.all()
            if who.may_see(camera.name)
        ]
    )


@router.post("", status_code=201)
def add_camera(body: NewCamera, context: Context, who: Operator) -> CameraAnswer:
    """Add a camera, which is counted from now on; or count an upload, once.

    An address takes an admin, an upload (`upload:ID` of `POST /uploads`) an operator.
    """
    if body.uri.startswith(UPLOAD):
        return _count_upload(body, context, who)
    who.require(Role.ADMIN)
    services = context.services
    uri = add_login(body.uri, body.user, body.password)
    address = CameraService(services.cameras).parse_remote_address(uri)
    distinct = _merge(context, body.queries)
    options = CameraOptions(body.fps, None, body.detector, body.verify)
    require_choice(services.settings, options)
    name = choose_camera_name(body.name, body.uri)
    _require_new(context, name)
    settings = CameraSettings(name, address, distinct.queries, options, body.enabled)
    added = services.cameras.add(settings)
    services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.add", added.camera.name, added.camera.uri)
    answer = _answer(context, added.camera, distinct.aliases)
    return answer.model_copy(update={"continues": added.continues})


@router.post("/{name:path}/start")
def start_camera(name: CameraName, context: Context, who: Operator) -> CameraAnswer:
    """Count a camera, also after the next start of the server."""
    services = context.services
    camera = find_camera(context, who, name)
    status = find_status(context, camera.name)
    if status is None or status.state is not RunStatus.RUNNING:
        if SourceUri.parse(camera.uri).kind in _LIVE:
            camera = services.cameras.update(camera.name, CameraChanges(enabled=True))
        elif status is not None:
            services.fleet.restart(camera.name)
        else:
            raise ConflictError("a recording is counted once; send it again to count it anew")
    services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.start", camera.name)
    return _answer(context, camera)


@router.post("/{name:path}/stop")
def stop_camera(name: CameraName, context: Context, who: Operator) -> CameraAnswer:
    """Stop counting a camera, and write what was counted."""
    services = context.services
    camera = find_camera(context, who, name)
    if find_status(context, camera.name) is not None:
        services.fleet.stop(camera.name)
    elif camera.enabled:
        services.cameras.update(camera.name, CameraChanges(enabled=False))
    services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.stop", camera.name)
    return _answer(context, services.cameras.find(camera.name))


@router.get("/{name:path}/zones")
def show_zones(name: CameraName, context: Context, who: Viewer) -> Items[ZoneBody]:
    """List the lines and polygons of a camera."""
    return _zones_of(context, find_camera(context, who, name))


@router.put("/{name:path}/zones")
def replace_zones(
    name: CameraName,
    body: ZonesBody,
    context: Context,
    who: Operator,
    restart: Annotated[
        bool, Query(description="Let a camera that is counted have them from its next frame on.")
    ] = False,
) -> Items[ZoneBody]:
    """Replace the zones of a camera; they hold from its next start on, or at once."""
    camera = find_camera(context, who, name)
    zones = [build_zone(zone.kind, zone.name, zone.points, zone.anchor) for zone in body.items]
    context.services.store.zones.replace(camera, zones)
    context.note(who, "zones.replace", camera.name, f"{len(zones)} zones")
    status = find_status(context, camera.name)
    if restart and status is not None and status.state is RunStatus.RUNNING:
        context.services.fleet.replace_zones(camera.name, zones)
    return _zones_of(context, camera)


@router.get("/{name:path}")
def show_camera(name: CameraName, context: Context, who: Viewer) -> CameraAnswer:
    """Tell how a camera is counted, and how it stands."""
    return _answer(context, find_camera(context, who, name))


@router.patch("/{name:path}")
def change_camera(
    name: CameraName, body: CameraPatch, context: Context, who: Operator
) -> CameraAnswer:
    """Change a camera; a running one follows within seconds.

    Name, address, detector and judge take an admin.
    """
    services = context.services
    camera = find_camera(context, who, name)
    address = None
    if body.uri is not None:
        who.require(Role.ADMIN)
        uri = add_login(body.uri, body.user, body.password)
        address = CameraService(services.cameras).parse_remote_address(uri)
    if body.detector is not None or body.verify is not None:
        who.require(Role.ADMIN)
    if body.name is not None and check_camera_name(body.name) != camera.name:
        camera = _rename(context, who, camera, check_camera_name(body.name))
    distinct = _merge(context, body.queries or [])
    queries = None if body.queries is None else distinct.queries
    options = _changed_options(body, camera, services.settings)
    changed = services.cameras.update(
        camera.name,
        CameraChanges(address, queries, options, body.enabled),
    )
    services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.change", changed.name, ", ".join(sorted(body.model_fields_set)))
    return _answer(context, changed, distinct.aliases)


def _changed_options(body: CameraPatch, camera: Camera, settings: Settings) -> CameraOptions | None:
    """Return the options of a camera with those of a request; None where it has none."""
    if not {"fps", "detector", "verify"} & body.model_fields_set:
        return None
    options = camera.options
    if "fps" in body.model_fields_set:
        options = replace(options, sample_fps=body.fps)
    if body.detector is not None:
        options = replace(options, detector=body.detector)
    if body.verify is not None:
        options = replace(options, verify=body.verify)
    require_choice(settings, options)
    return options


def _rename(context: ApiContext, who: Identity, camera: Camera, name: str) -> Camera:
    who.require(Role.ADMIN)
    services = context.services
    try:
        services.fleet.rename(camera.name, name)
    except CameraError as error:
        raise ConflictError(str(error)) from error
    services.evidence.rename_camera(camera.name, name)
    context.note(who, "cameras.rename", name, f"was {camera.name}")
    return services.cameras.find(name)


@router.delete("/{name:path}", status_code=204)
def remove_camera(name: CameraName, context: Context, who: Admin) -> None:
    """Take a camera off; its counts stay in reports."""
    services = context.services
    camera = find_camera(context, who, name)
    if find_status(context, camera.name) is not None:
        services.fleet.stop(camera.name)
        services.fleet.remove(camera.name)
    if any(kept.name == camera.name for kept in services.cameras.all()):
        services.cameras.remove(camera.name)
    services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.remove", camera.name)


def _zones_of(context: ApiContext, camera: Camera) -> Items[ZoneBody]:
    zones = context.services.store.zones.of(camera)
    return Items[ZoneBody](
        items=[
            ZoneBody.model_validate(
                {
                    "name": zone.name,
                    "kind": zone_kind(zone),
                    "points": zone.points_norm,
                    "anchor": zone.anchor.value,
                }
            )
            for zone in zones
        ]
    )


def _count_upload(body: NewCamera, context: ApiContext, who: Identity) -> CameraAnswer:
    path = context.uploads.path_of(body.uri.removeprefix(UPLOAD))
    name = check_camera_name(body.name)
    _require_new(context, name)
    distinct = merge_aliases(read_queries(context, body.queries))
    if not distinct.queries:
        raise InputError("say what to count in `queries`")
    options = SourceOptions(sample_fps=body.fps, start_at=parse_moment(body.start_at))
    context.services.fleet.start(name, str(path), distinct.queries, options)
    context.services.overview.expire(cameras_changed=True)
    context.note(who, "cameras.add", name, body.uri)
    return _answer(context, context.services.cameras.find(name), distinct.aliases)


def _require_new(context: ApiContext, name: str) -> None:
    running = find_status(context, name)
    known = {camera.name for camera in context.services.cameras.all()}
    if name in known or (running is not None and running.state is RunStatus.RUNNING):
        raise ConflictError(f"there is a camera {name!r} already; change it, or choose a name")


def read_queries(context: ApiContext, given: list[QueryGiven]) -> tuple[ReadQuery, ...]:
    """Return how the queries of a request are understood."""
    read = context.services.reader.read
    return tuple(
        read(item.text, item.min_score) if isinstance(item, CameraQueryBody) else read(item)
        for item in given
    )


def _merge(context: ApiContext, given: list[QueryGiven]) -> DistinctCameraQueries:
    """Return the queries of a request as they are kept; of those that count the same one."""
    return merge_camera_queries(
        context.services.reader,
        [
            CameraQuery(item.text, item.min_score)
            if isinstance(item, CameraQueryBody)
            else CameraQuery(item)
            for item in given
        ],
    )


def _answer(context: ApiContext, camera: Camera, aliases: tuple[Alias, ...] = ()) -> CameraAnswer:
    answer = _describe(camera, find_status(context, camera.name))
    told = [AliasAnswer(text=alias.text, counted_as=alias.counted_as) for alias in aliases]
    return answer.model_copy(update={"aliases": told})


def _describe(camera: Camera, status: CameraStatus | None) -> CameraAnswer:
    queries = camera.queries
    if status is not None and not queries:
        queries = tuple(CameraQuery(query.text, query.min_score) for query in status.queries)
    return CameraAnswer(
        name=camera.name,
        uri=_shown_uri(camera.uri),
        queries=[CameraQueryAnswer(text=item.text, min_score=item.min_score) for item in queries],
        fps=camera.options.sample_fps,
        detector=camera.options.detector,
        verify=camera.options.verify,
        enabled=camera.enabled,
        state=name_state(status, camera.enabled),  # type: ignore[arg-type]
        detail="" if status is None else status.error or status.health.detail,
        complete=camera.complete,
    )


def _shown_uri(uri: str) -> str:
    """Return an address without the folders of this machine."""
    return uri if SourceUri.parse(uri).kind in _LIVE else uri.replace("\\", "/").rpartition("/")[2]
