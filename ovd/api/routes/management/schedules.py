"""Scheduled reports: list, add, change, remove, send now."""

from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from ovd.api.context import Admin, ApiContext, Context, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.schedules import (
    DeliveredAnswer,
    NewScheduleBody,
    ScheduleAnswer,
    ScheduleValues,
    SentAnswer,
)
from ovd.domain.access import Identity, Role
from ovd.domain.ports.notify import JsonValue
from ovd.errors import ForbiddenError, NotFoundError
from ovd.render.logos import decode_logo
from ovd.services.reports.scheduling.schedule import Recurrence
from ovd.services.reports.scheduling.service import ListedSchedule, ScheduleService

router = APIRouter(prefix="/schedules", tags=["reports"])
Name = Annotated[str, Path(max_length=64, examples=["gates-weekly"])]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@router.get("")
def list_schedules(context: Context, who: Viewer) -> Items[ScheduleAnswer]:
    """List the reports that are made repeatedly, those of the settings first.

    Viewers of some cameras see those about these cameras only.
    """
    shown = (item for item in _schedules(context).all() if _may_see(who, item))
    return Items[ScheduleAnswer](items=[_describe(item, who) for item in shown])


@router.post("", status_code=201)
def add_schedule(body: NewScheduleBody, context: Context, who: Admin) -> ScheduleAnswer:
    """Add a report that is made repeatedly; the first is the next one that is due."""
    enabled = True if body.enabled is None else body.enabled
    return _describe(_schedules(context).add(who, body.name, _values(body), enabled), who)


@router.patch("/{name}")
def change_schedule(
    name: Name, body: ScheduleValues, context: Context, who: Admin
) -> ScheduleAnswer:
    """Change a report that is made repeatedly."""
    _require(context, name)
    return _describe(_schedules(context).change(who, name, _values(body), body.enabled), who)


@router.delete("/{name}", status_code=204)
def remove_schedule(name: Name, context: Context, who: Admin) -> None:
    """Make that report no more."""
    _require(context, name)
    _schedules(context).remove(who, name)


@router.post("/{name}/send")
def send_schedule(name: Name, context: Context, who: Admin) -> SentAnswer:
    """Deliver the last report that was due now, also if it was delivered before."""
    _require(context, name)
    return SentAnswer(name=name, period=_schedules(context).send(who, name))


@router.get("/{name}/report", response_class=Response)
def show_report(name: Name, context: Context, who: Viewer) -> Response:
    """Return the last report that was due as a file; messages to targets link to it."""
    if who.cameras is not None:
        raise ForbiddenError("this report holds all cameras; yours are some of them")
    _require(context, name)
    file = _schedules(context).make_file(name)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


def _schedules(context: ApiContext) -> ScheduleService:
    schedules = context.services.schedules
    if schedules is None:
        raise NotFoundError("this server has no schedules")
    return schedules


def _may_see(who: Identity, item: ListedSchedule) -> bool:
    cameras = item.standing.schedule.cameras
    return who.cameras is None or (bool(cameras) and all(map(who.may_see, cameras)))


def _require(context: ApiContext, name: str) -> None:
    names = {item.standing.schedule.name.casefold() for item in _schedules(context).all()}
    if name.casefold() not in names:
        raise NotFoundError(f"there is no schedule {name!r}")


def _values(body: ScheduleValues) -> dict[str, JsonValue]:
    """Return the values that were given, but for those that are no part of a definition."""
    given = body.model_dump(exclude_none=True, exclude={"name", "enabled"})
    if "compare" in body.model_fields_set:
        given["compare"] = body.compare
    if body.logo is not None:
        given["logo"] = b64encode(decode_logo(body.logo)).decode("ascii")
    return given


def _describe(item: ListedSchedule, who: Identity) -> ScheduleAnswer:
    standing = item.standing
    schedule, last = standing.schedule, standing.last
    weekly = schedule.every is Recurrence.WEEKLY
    return ScheduleAnswer(
        name=schedule.name,
        every=schedule.every.value,
        at=schedule.at.isoformat("minutes"),
        tz=schedule.zone.key,
        weekday=_DAYS[schedule.weekday] if weekly else None,
        format=schedule.format,
        bucket=schedule.bucket,
        cameras=list(schedule.cameras),
        queries=list(schedule.queries),
        to=list(schedule.to) if who.role.includes(Role.ADMIN) else [],
        targets=list(schedule.targets),
        language=schedule.language,
        title=schedule.title,
        has_logo=bool(schedule.logo),
        compare="previous" if schedule.compares else None,
        fixed=schedule.fixed,
        enabled=item.enabled,
        last=None if last is None else DeliveredAnswer(period=last.period, at=last.at),
        next_at=standing.next_at if item.enabled else None,
        problem=standing.problem,
    )
