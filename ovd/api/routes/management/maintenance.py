"""Maintenance of the server."""

from fastapi import APIRouter

from ovd.api.context import Admin, Context
from ovd.api.models.maintenance import EraseAnswer, EraseBody, ReloadAnswer
from ovd.api.moments import parse_moment
from ovd.services.upkeep.erasing import EraseRequest

router = APIRouter(tags=["maintenance"])


@router.post("/settings/reload")
def reload_settings(context: Context, who: Admin) -> ReloadAnswer:
    """Read the settings again, and apply those that may change while the server runs."""
    reloaded = context.reload()
    context.note(who, "settings.reload", detail=", ".join(reloaded.applied))
    return ReloadAnswer(applied=list(reloaded.applied), after_restart=list(reloaded.after_restart))


@router.post("/erase")
def erase(body: EraseBody, context: Context, who: Admin) -> EraseAnswer:
    """Erase counts, tracks, zone events, alerts and images; the period in whole minutes."""
    request = EraseRequest(
        tuple(body.cameras), tuple(body.queries), parse_moment(body.start), parse_moment(body.end)
    )
    outcome = context.services.erasing.erase(who, request)
    rows = outcome.rows
    return EraseAnswer(
        counts=rows.counts,
        tracks=rows.tracks,
        zone_events=rows.zone_events,
        alerts=rows.alerts,
        images=outcome.images,
    )
