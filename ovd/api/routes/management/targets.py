"""Targets of alerts, and messages on their way."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from ovd.api.context import Admin, ApiContext, Context, Operator
from ovd.api.models.answers import Items
from ovd.api.models.targets import (
    DeliveryAnswer,
    NewTargetBody,
    ResendAnswer,
    ResendBody,
    TargetAnswer,
    TestedAnswer,
)
from ovd.api.paging import Page, read_cursor, write_cursor
from ovd.domain.access import Identity
from ovd.domain.alerts import OutboxEntry, OutboxStatus, Target, TargetOptions, TargetSecrets
from ovd.errors import UnknownTargetError
from ovd.services.alerts.delivery.targets import TargetService

router = APIRouter(tags=["alerts"])
_MOST_CHOSEN = 1000
Name = Annotated[str, Path(max_length=200, examples=["ops"])]


@router.get("/targets")
def list_targets(context: Context, who: Operator) -> Items[TargetAnswer]:
    """List the targets by name, without their secrets."""
    problems = _problems(context)
    return Items[TargetAnswer](
        items=[_describe(target, problems) for target in _targets(context).all()]
    )


@router.post("/targets", status_code=201)
def add_target(body: NewTargetBody, context: Context, who: Admin) -> TargetAnswer:
    """Add a target; nothing is sent to it."""
    options = TargetOptions(
        body.language, body.per_minute, tuple(body.quiet_hours), body.tz, body.digest_s
    )
    secrets = TargetSecrets(body.url, body.secret)
    return _describe(_targets(context).add(who, body.name, secrets, options), {})


@router.delete("/targets/{name}", status_code=204)
def remove_target(name: Name, context: Context, who: Admin) -> None:
    """Remove a target; messages that wait for it are given up."""
    _targets(context).remove(who, name)


@router.post("/targets/{name}/test")
def try_target(name: Name, context: Context, who: Admin) -> TestedAnswer:
    """Send a test message now, and answer once the target has taken it."""
    return TestedAnswer(name=_targets(context).test(who, name).name)


@router.get("/deliveries")
def list_deliveries(
    context: Context,
    who: Operator,
    page: Page,
    status: Annotated[Literal["waiting", "sent", "dead"] | None, Query()] = None,
    target: Annotated[str, Query(max_length=200)] = "",
) -> Items[DeliveryAnswer]:
    """List messages on their way, newest first; sent ones for a week."""
    wanted = None if status is None else OutboxStatus(status)
    before = None if page.cursor is None else int(read_cursor(page.cursor, [int])[0])
    entries = context.services.store.outbox.entries(wanted, target, page.limit + 1, before)
    shown = entries[: page.limit]
    return Items[DeliveryAnswer](
        items=[_describe_entry(entry) for entry in shown if _may_see(who, entry)],
        next=write_cursor([shown[-1].id]) if len(entries) > page.limit else None,
    )


@router.post("/deliveries/resend")
def resend(body: ResendBody, context: Context, who: Operator) -> ResendAnswer:
    """Let messages that were given up be sent again."""
    count = context.services.store.outbox.resend(_chosen(context, who, body), body.target)
    if context.services.delivery is not None:
        context.services.delivery.wake()
    context.note(who, "deliveries.resend", body.target, f"{count} messages")
    return ResendAnswer(messages=count)


@router.post("/deliveries/drop")
def drop(body: ResendBody, context: Context, who: Operator) -> ResendAnswer:
    """Remove messages that were given up."""
    count = context.services.store.outbox.drop(_chosen(context, who, body), body.target)
    if context.services.delivery is not None:
        context.services.delivery.wake()
    context.note(who, "deliveries.drop", body.target, f"{count} messages")
    return ResendAnswer(messages=count)


def _chosen(context: ApiContext, who: Identity, body: ResendBody) -> list[int] | None:
    """Return the keys of messages that are meant, and may be seen; None for all."""
    if who.cameras is None:
        return body.ids
    outbox = context.services.store.outbox
    visible = {
        entry.id
        for entry in outbox.entries(OutboxStatus.DEAD, body.target, _MOST_CHOSEN)
        if _may_see(who, entry)
    }
    return sorted(visible if body.ids is None else visible & set(body.ids))


def _may_see(who: Identity, entry: OutboxEntry) -> bool:
    return not entry.message.camera or who.may_see(entry.message.camera)


def _targets(context: ApiContext) -> TargetService:
    targets = context.services.targets
    if targets is None:
        raise UnknownTargetError("this server has no targets")
    return targets


def _problems(context: ApiContext) -> dict[str, str]:
    delivery = context.services.delivery
    return {} if delivery is None else delivery.health.problems


def _describe(target: Target, problems: dict[str, str]) -> TargetAnswer:
    options = target.options
    return TargetAnswer(
        name=target.name,
        url=target.url,
        has_secret=target.has_secret,
        fixed=target.fixed,
        language=options.language,
        per_minute=options.per_minute,
        quiet_hours=list(options.quiet_hours),
        tz=options.tz,
        digest_s=options.digest_s,
        problem=problems.get(target.name, ""),
    )


def _describe_entry(entry: OutboxEntry) -> DeliveryAnswer:
    waits = entry.status is OutboxStatus.WAITING
    return DeliveryAnswer(
        id=entry.id,
        target=entry.target,
        status=entry.status.value,
        attempts=entry.attempt,
        error=entry.last_error,
        queued_at=entry.queued_at,
        next_attempt_at=entry.next_attempt_at if waits else None,
        sent_at=entry.sent_at,
        message=entry.message.body(),
    )
