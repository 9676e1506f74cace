"""Areas in the image of a camera: zones that are tried before they are kept, and masks."""

from collections.abc import Sequence

from fastapi import APIRouter

from ovd.api.context import CameraName, Context, Operator, Viewer, find_camera
from ovd.api.models.answers import Items
from ovd.api.models.cameras import (
    MaskBody,
    MasksBody,
    ZoneBody,
    ZoneTrialAnswer,
    ZoneTrialBody,
    ZoneTrialItem,
)
from ovd.domain.access import Role
from ovd.domain.cameras import Camera, CameraChanges
from ovd.domain.events import ZoneEventKind, ZoneTally
from ovd.domain.zones import Mask, MaskKind, build_mask, build_zone, zone_kind
from ovd.services.cameras.file import describe_mask

router = APIRouter(prefix="/cameras/{name:path}", tags=["cameras"])


@router.post("/zones/try")
def try_zones(
    name: CameraName, body: ZoneTrialBody, context: Context, who: Operator
) -> ZoneTrialAnswer:
    """Count what was tracked in the last seconds at zones that are not kept."""
    camera = find_camera(context, who, name)
    zones = [build_zone(zone.kind, zone.name, zone.points, zone.anchor) for zone in body.items]
    trial = context.services.recent_tracks.try_zones(camera.name, zones, body.seconds)
    seconds = 0.0
    if trial.first_at is not None and trial.last_at is not None:
        seconds = (trial.last_at - trial.first_at).total_seconds()
    items = [_describe(tally) for tally in trial.tallies]
    return ZoneTrialAnswer(frames=trial.frames, seconds=round(seconds, 2), items=items)


@router.get("/zones/proposals")
def propose_zones(name: CameraName, context: Context, who: Viewer) -> Items[ZoneBody]:
    """Propose lines across the flow of what was tracked in the last two minutes; none are kept."""
    camera = find_camera(context, who, name)
    return Items[ZoneBody](
        items=[
            ZoneBody(name=line.name, kind="line", points=list(line.points_norm))
            for line in context.services.recent_tracks.propose_lines(camera.name)
        ]
    )


@router.get("/masks")
def show_masks(name: CameraName, context: Context, who: Viewer) -> Items[MaskBody]:
    """List the areas of a camera in which nothing is counted, or nothing shown."""
    return _masks_of(find_camera(context, who, name))


@router.put("/masks")
def replace_masks(
    name: CameraName, body: MasksBody, context: Context, who: Operator
) -> Items[MaskBody]:
    """Replace the masks of a camera; one that is counted follows within seconds.

    To change a privacy area takes an admin.
    """
    services = context.services
    camera = find_camera(context, who, name)
    masks = tuple(
        build_mask(item.kind, item.name, item.points, item.anchor, item.query)
        for item in body.items
    )
    if set(_private(masks)) != set(_private(camera.masks)):
        who.require(Role.ADMIN)
    changed = services.cameras.update(camera.name, CameraChanges(masks=masks))
    services.overview.expire(cameras_changed=True)
    context.note(who, "masks.replace", camera.name, f"{len(masks)} masks")
    return _masks_of(changed)


def _private(masks: Sequence[Mask]) -> list[Mask]:
    return [mask for mask in masks if mask.kind is MaskKind.PRIVACY]


def _masks_of(camera: Camera) -> Items[MaskBody]:
    return Items[MaskBody](
        items=[MaskBody.model_validate(describe_mask(mask)) for mask in camera.masks]
    )


def _describe(tally: ZoneTally) -> ZoneTrialItem:
    counts = tally.event_counts
    return ZoneTrialItem.model_validate(
        {
            "zone": tally.zone.name,
            "kind": zone_kind(tally.zone),
            "query": tally.query,
            "in": counts.get(ZoneEventKind.IN, 0),
            "out": counts.get(ZoneEventKind.OUT, 0),
            "entered": counts.get(ZoneEventKind.ENTER, 0),
            "left": counts.get(ZoneEventKind.EXIT, 0),
            "inside": tally.inside or 0,
        }
    )
