"""Maintenance of the server."""

from fastapi import APIRouter

from ovd.api.context import Admin, Context
from ovd.api.models.maintenance import ReloadAnswer

router = APIRouter(tags=["maintenance"])


@router.post("/settings/reload")
def reload_settings(context: Context, who: Admin) -> ReloadAnswer:
    """Read the settings again, and apply those that may change while the server runs."""
    reloaded = context.reload()
    context.note(who, "settings.reload", detail=", ".join(reloaded.applied))
    return ReloadAnswer(applied=list(reloaded.applied), after_restart=list(reloaded.after_restart))
