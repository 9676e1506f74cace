"""Alert rules, how they stand, and the log of their messages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from ovd.api.context import ApiContext, Context, Operator, Viewer
from ovd.api.models.alerts import (
    MessageAnswer,
    NewRule,
    ReferenceAnswer,
    ReplayAnswer,
    ReplayBody,
    RuleAnswer,
    RulePatch,
    SnoozeBody,
    StateAnswer,
    TestAnswer,
    ThresholdAnswer,
)
from ovd.api.models.answers import Items
from ovd.api.moments import From, To, parse_moment
from ovd.api.paging import Page, cut_page, read_cursor, write_cursor
from ovd.domain.access import Identity
from ovd.domain.alerts import (
    AlertMessage,
    AlertRule,
    AlertStatus,
    LogSelection,
    MessageType,
    SavedRule,
)
from ovd.errors import ForbiddenError, InputError, NotFoundError, UnknownAlertRuleError
from ovd.services.access.scope import identity_of
from ovd.services.alerts.engine import RuleStanding
from ovd.services.alerts.images.finding import AlertImages
from ovd.services.alerts.images.links import IMAGES_PATH
from ovd.services.alerts.replay import AlertReplay, count_alerts
from ovd.services.alerts.rule_values import describe_rule, parse_rule

router = APIRouter(prefix="/alerts", tags=["alerts"])
RuleName = Annotated[str, Path(max_length=200, examples=["queue"])]
_MOST_MESSAGES = 1000
_JPEG = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}


@dataclass(frozen=True)
class LogFilter:
    """Which messages are wanted."""

    rule: Annotated[str, Query(max_length=200, description="Only this rule.")] = ""
    camera: Annotated[str, Query(max_length=200, description="Only this camera.")] = ""
    start: From = None
    end: To = None


@router.get("")
def list_rules(context: Context, who: Viewer, page: Page) -> Items[RuleAnswer]:
    """List the rules by name, and how they stand at each camera."""
    shown = [item for item in read_standings(context) if may_see_rule(who, item.saved.rule)]
    items, following = cut_page(shown, page.cursor, page.limit, lambda item: item.saved.id)
    return Items[RuleAnswer](
        items=[_describe(item.saved, item.statuses, who) for item in items], next=following
    )


@router.post("", status_code=201)
def add_rule(body: NewRule, context: Context, who: Operator) -> RuleAnswer:
    """Add a rule; its camera, query, zone and targets must be there."""
    rule = parse_rule(body.model_dump(exclude_none=True))
    _require_permitted(who, rule)
    [saved] = context.services.alert_rules.add([rule])
    context.note(who, "alerts.add", saved.rule.name)
    return _describe(saved, (), who)


@router.get("/log")
def read_log(
    context: Context, who: Viewer, page: Page, wanted: Annotated[LogFilter, Depends()]
) -> Items[MessageAnswer]:
    """List the messages about alerts, newest first."""
    before = None if page.cursor is None else int(read_cursor(page.cursor, [int])[0])
    selection = LogSelection(
        rule=wanted.rule,
        camera=wanted.camera,
        start_at=parse_moment(wanted.start),
        end_at=parse_moment(wanted.end),
        before_id=before,
        limit=page.limit + 1,
        cameras=None if who.cameras is None else tuple(who.cameras),
    )
    logged = context.services.store.alerts.log(selection)
    shown = logged[: page.limit]
    return Items[MessageAnswer](
        items=[_message(item.message) for item in shown],
        next=write_cursor([shown[-1].id]) if len(logged) > page.limit else None,
    )


@router.get("/images/{alert_id}.jpg", response_class=Response, responses={200: _JPEG})
def show_image(
    alert_id: Annotated[str, Path(max_length=60)], context: Context, request: Request
) -> Response:
    """Return the image that was kept when an alert began.

    An address that came with a message is signed, and opens without a login for 7 days.
    """
    services = context.services
    message = services.store.alerts.find_message(f"{alert_id}/{MessageType.NEW}/1")
    images = AlertImages(services.evidence)
    found = () if message is None else images.find(message)
    is_open = services.alert_links.opens(f"{IMAGES_PATH}{alert_id}.jpg", str(request.url.query))
    if not found or not (is_open or identity_of(request.scope).may_see(found[0].camera)):
        raise NotFoundError("there is no image of that alert")
    content = images.read(found[0])
    if not content:
        raise NotFoundError("that image has been removed")
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(content, media_type="image/jpeg", headers=headers)


@router.post("/replay")
def replay_rule(body: ReplayBody, context: Context, who: Viewer) -> ReplayAnswer:
    """Tell when a rule, which need not be saved, would have fired over stored counts."""
    values = body.model_dump(exclude_none=True, exclude={"start", "end"})
    rule = parse_rule(values)
    _require_permitted(who, rule)
    end = body.end or datetime.now(UTC)
    start = body.start or end - timedelta(days=7)
    if start.tzinfo is None or end.tzinfo is None or start >= end:
        raise InputError("start and end are times with their UTC offset, the start first")
    services = context.services
    services.store.flush()
    replay = AlertReplay(services.store)
    course = replay.read(rule, start, end)
    messages = replay.run(rule, course)
    return ReplayAnswer(
        alerts=count_alerts(messages),
        start=course.start_at,
        complete=not course.is_cut,
        observed_s=course.observed_s,
        messages=[_message(message) for message in messages[:_MOST_MESSAGES]],
        thresholds=[ThresholdAnswer(**vars(item)) for item in replay.try_thresholds(rule, course)],
    )


@router.patch("/{name}")
def change_rule(name: RuleName, body: RulePatch, context: Context, who: Operator) -> RuleAnswer:
    """Change some values of a rule; null for `count`, `within_s` or `snoozed_until` removes it."""
    rules = context.services.alert_rules
    before = find_rule(context, who, name).rule
    values = {
        key: value
        for key, value in body.model_dump(exclude_unset=True).items()
        if value is not None or key in ("count", "within_s", "snoozed_until")
    }
    _require_permitted(who, parse_rule({**describe_rule(before), **values}))
    saved = rules.change(name, values)
    context.note(who, "alerts.change", saved.rule.name, ", ".join(sorted(values)))
    return _describe(saved, _statuses(context, saved), who)


@router.delete("/{name}", status_code=204)
def remove_rule(name: RuleName, context: Context, who: Operator) -> None:
    """Remove a rule; its open alerts end."""
    rule = find_rule(context, who, name).rule
    context.services.alert_rules.remove(name)
    context.note(who, "alerts.remove", rule.name)


@router.post("/{name}/test")
def test_rule(name: RuleName, context: Context, who: Operator) -> TestAnswer:
    """Send a message as the rule would to its targets; its id begins with `test-`."""
    rule = find_rule(context, who, name).rule
    message = context.services.alert_rules.test(name)
    context.note(who, "alerts.test", rule.name)
    return TestAnswer(id=message.id, to=list(rule.to))


@router.post("/{name}/snooze")
def snooze_rule(name: RuleName, body: SnoozeBody, context: Context, who: Operator) -> RuleAnswer:
    """Let no alert of a rule begin for a while."""
    find_rule(context, who, name)
    until = datetime.now(UTC) + timedelta(seconds=body.for_s) if body.for_s else None
    saved = context.services.alert_rules.snooze(name, until)
    context.note(who, "alerts.snooze", saved.rule.name, f"{body.for_s:g} s")
    return _describe(saved, _statuses(context, saved), who)


@router.post("/{name}/reference")
def take_reference(name: RuleName, context: Context, who: Operator) -> ReferenceAnswer:
    """Let the cameras of a rule about moved cameras take a new reference view."""
    rule = find_rule(context, who, name).rule
    _require_permitted(who, rule)
    cameras = context.services.alert_rules.take_reference(name)
    context.note(who, "alerts.reference", rule.name)
    return ReferenceAnswer(cameras=list(cameras))


def read_standings(context: ApiContext) -> tuple[RuleStanding, ...]:
    """Return the rules by name, and how they stand as far as they are judged here."""
    services = context.services
    if services.alerts is not None:
        known = {item.saved.id: item.statuses for item in services.alerts.standings()}
    else:
        known = {}
    return tuple(
        RuleStanding(saved, known.get(saved.id, ())) for saved in services.store.alerts.rules()
    )


def may_see_rule(who: Identity, rule: AlertRule) -> bool:
    """Return whether an identity may see a rule: it concerns a camera that it may see."""
    return not rule.cameras or any(map(who.may_see, rule.cameras))


def find_rule(context: ApiContext, who: Identity, name: str) -> SavedRule:
    """Return a rule.

    Raises:
        UnknownAlertRuleError: If there is none of that name, or the identity may not see it.
    """
    saved = context.services.store.alerts.find(name)
    if not may_see_rule(who, saved.rule):
        raise UnknownAlertRuleError(f"there is no alert rule {name!r}")
    return saved


def _require_permitted(who: Identity, rule: AlertRule) -> None:
    """Refuse a rule about cameras that an identity may not see."""
    if who.cameras is None:
        return
    if not rule.cameras or not all(map(who.may_see, rule.cameras)):
        raise ForbiddenError("name the cameras of the rule, each one that you may see")


def _statuses(context: ApiContext, saved: SavedRule) -> tuple[AlertStatus, ...]:
    found = (item for item in read_standings(context) if item.saved.id == saved.id)
    return next((item.statuses for item in found), ())


def _describe(saved: SavedRule, statuses: tuple[AlertStatus, ...], who: Identity) -> RuleAnswer:
    states = [
        StateAnswer(
            camera=status.camera or None,
            state=status.state.value,
            since=status.since,
            count=status.count,
            alert=None if status.alert is None else status.alert.id,
        )
        for status in statuses
        if not status.camera or who.may_see(status.camera)
    ]
    values = describe_rule(saved.rule) | {"states": states}
    values["cameras"] = list(filter(who.may_see, saved.rule.cameras))
    return RuleAnswer.model_validate(values)


def _message(message: AlertMessage) -> MessageAnswer:
    return MessageAnswer.model_validate({**message.body(), "at": message.at})
