"""Lines and zones, tried before they are kept."""

from fastapi import APIRouter

from ovd.api.context import CameraName, Context, Operator, find_camera
from ovd.api.models.cameras import ZoneTrialAnswer, ZoneTrialBody, ZoneTrialItem
from ovd.domain.events import ZoneEventKind, ZoneTally
from ovd.domain.zones import build_zone, zone_kind

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
