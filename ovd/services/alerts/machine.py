"""The state machine of alerts: a pure function of rule, status and observation.

Time that was not observed neither begins nor ends an alert. Its clock is that of the observations.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ovd.domain.alerts import (
    AlertMessage,
    AlertRule,
    AlertState,
    AlertStatus,
    Condition,
    Holding,
    MessageType,
    OpenAlert,
)
from ovd.services.alerts.judging import Amount, Judgement, Observation, judge

# An interruption up to this long, or as long as the condition must hold, does not count against
# it; after a longer one it begins anew.
LONGEST_PAUSE_S = 60.0
# A camera must be unobserved for so long before people are told that an alert is.
TELL_UNOBSERVED_S = 10.0
# Updates of one alert are at least so far apart.
UPDATE_EVERY_S = 60.0
# Sums of observed seconds are exact to this.
_TOLERANCE_S = 1e-3


@dataclass(frozen=True)
class Step:
    """The result of one observation: how the rule stands now, and what is told."""

    status: AlertStatus
    messages: tuple[AlertMessage, ...] = ()


def step(rule: AlertRule, status: AlertStatus, seen: Observation) -> Step:
    """Return how a rule stands after an observation at the camera of the status.

    Args:
        rule: The rule.
        status: How it stood before.
        seen: What was observed; observations come in the order in which they were made.
    """
    if not rule.enabled or not rule.is_active(seen.at):
        return finish(rule, status, seen)
    if rule.when is Condition.CROSSED and seen.amount is not None:
        status, seen = _sum_crossings(rule, status, seen)
    judgement = judge(rule, seen.amount)
    if judgement.holds is None and (status.alert is None or judgement.clears is None):
        return _pass_unknown(rule, status, seen)
    status = replace(status, count=seen.count)
    if status.alert is None:
        return _judge_start(rule, status, seen, judgement)
    return _judge_end(rule, status, status.alert, seen, judgement)


def finish(rule: AlertRule, status: AlertStatus, seen: Observation) -> Step:
    """Return how a rule stands that is not judged any more; its alert ends, if it has one."""
    if status.alert is not None:
        return _end(rule, status, status.alert, seen, seen.at)
    state = AlertState.UNKNOWN if seen.amount is None else AlertState.OK
    rested = replace(status, count=seen.count, holding=None, crossed_at=())
    return Step(_enter(rested, state, seen.at))


def is_settled(rule: AlertRule, status: AlertStatus) -> bool:
    """Return whether observations equal to the last one change nothing, however many come.

    That holds as long as the schedule of the rule does not begin or end.
    """
    if status.crossed_at or status.holding is not None or status.clearing is not None:
        return False
    if status.state is AlertState.UNKNOWN:
        return False
    return status.alert is None or status.alert.observed


def _sum_crossings(
    rule: AlertRule, status: AlertStatus, seen: Observation
) -> tuple[AlertStatus, Observation]:
    """Return both with the crossings within the rule's interval as what was observed."""
    window = timedelta(seconds=rule.within_s or 0.0)
    crossed = sorted((*status.crossed_at, *seen.crossed_at))
    recent = tuple(at for at in crossed if seen.at - window < at <= seen.at)
    gap_end = status.unobserved_until
    if status.count is None:  # nothing was observed before
        gap_end = seen.at - timedelta(seconds=seen.observed_s)
    complete = gap_end is None or not seen.at - window < gap_end <= seen.at
    amount = Amount(len(recent), len(recent) if complete else None)
    return (
        replace(status, crossed_at=recent, unobserved_until=None if complete else gap_end),
        replace(seen, amount=amount, crossed_at=(), count=len(recent)),
    )


def _pass_unknown(rule: AlertRule, status: AlertStatus, seen: Observation) -> Step:
    """Pass time in which the condition cannot be told: nothing begins, nothing ends."""
    unknown = replace(_enter(status, AlertState.UNKNOWN, seen.at), count=seen.count)
    alert = unknown.alert
    if alert is None or not alert.observed or unknown.since is None or seen.amount is not None:
        return Step(unknown)
    lasted_s = _seconds(unknown.since, seen.at)
    if lasted_s < TELL_UNOBSERVED_S or _seconds(alert.told_at, seen.at) < UPDATE_EVERY_S:
        return Step(unknown)
    told = replace(alert, number=alert.number + 1, told_at=seen.at, observed=False)
    return _tell(rule, replace(unknown, alert=told), told, seen, MessageType.UPDATE)


def _judge_start(
    rule: AlertRule, status: AlertStatus, seen: Observation, judgement: Judgement
) -> Step:
    if not judgement.holds:
        return Step(_enter(replace(status, holding=None), AlertState.OK, seen.at))
    holding = _extend(status.holding, seen, rule.for_s)
    status = replace(status, holding=holding)
    if (
        holding.observed_s < rule.for_s - _TOLERANCE_S
        or rule.is_snoozed(seen.at)
        or _in_cooldown(rule, status, seen.at)
    ):
        return Step(_enter(status, AlertState.PENDING, seen.at))
    alert = OpenAlert(_alert_id(rule, status, holding.since), holding.since, 1, seen.at)
    begun = replace(status, holding=None, alert=alert, quiet_until=None, alerts=status.alerts + 1)
    begun = _enter(begun, AlertState.FIRING, seen.at)
    return _tell(rule, begun, alert, seen, MessageType.NEW)


def _judge_end(
    rule: AlertRule,
    status: AlertStatus,
    alert: OpenAlert,
    seen: Observation,
    judgement: Judgement,
) -> Step:
    if judgement.clears:
        clearing = _extend(status.clearing, seen, rule.clear.for_s)
        if clearing.observed_s >= rule.clear.for_s - _TOLERANCE_S:
            return _end(rule, status, alert, seen, clearing.since)
        status = replace(status, clearing=clearing)
    elif judgement.clears is False:
        status = replace(status, clearing=None)
    status = _enter(status, AlertState.FIRING, seen.at)
    if alert.observed:
        return Step(status)
    told = replace(alert, number=alert.number + 1, told_at=seen.at, observed=True)
    return _tell(rule, replace(status, alert=told), told, seen, MessageType.UPDATE)


def _end(
    rule: AlertRule, status: AlertStatus, alert: OpenAlert, seen: Observation, ended_at: datetime
) -> Step:
    state = AlertState.UNKNOWN if seen.amount is None else AlertState.OK
    ended = replace(
        status,
        count=seen.count,
        alert=None,
        clearing=None,
        holding=None,
        quiet_until=seen.at + timedelta(seconds=rule.cooldown_s) if rule.cooldown_s else None,
    )
    told = replace(alert, number=alert.number + 1)
    message = _message(rule, status.camera, told, seen, MessageType.END)
    message = replace(message, ended_at=max(alert.started_at, ended_at))
    return Step(_enter(ended, state, seen.at), (message,))


def _tell(
    rule: AlertRule, status: AlertStatus, alert: OpenAlert, seen: Observation, kind: MessageType
) -> Step:
    return Step(status, (_message(rule, status.camera, alert, seen, kind),))


def _message(
    rule: AlertRule, camera: str, alert: OpenAlert, seen: Observation, kind: MessageType
) -> AlertMessage:
    return AlertMessage(
        id=alert.id,
        type=kind,
        number=alert.number,
        rule=rule.name,
        when=rule.when,
        severity=rule.severity,
        camera=camera,
        zone=rule.zone,
        query=rule.query,
        count=seen.count,
        threshold=rule.threshold,
        at=seen.at,
        started_at=alert.started_at,
        ended_at=max(alert.started_at, seen.at) if kind is MessageType.END else None,
        observed=seen.amount is not None,
    )


def _alert_id(rule: AlertRule, status: AlertStatus, started_at: datetime) -> str:
    """Return the identity of an alert: the same whenever the same things are judged again."""
    parts = (rule.name, status.camera, started_at.isoformat(), str(status.alerts))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _extend(holding: Holding | None, seen: Observation, needed_s: float) -> Holding:
    """Return how long a condition was observed to hold, with one more observation."""
    if holding is None:
        return Holding(seen.at, seen.at)
    passed_s = _seconds(holding.last_at, seen.at)
    added_s = min(passed_s, seen.observed_s) if passed_s >= 0 else seen.observed_s
    if passed_s - added_s > max(needed_s, LONGEST_PAUSE_S):
        return Holding(seen.at, seen.at)
    return Holding(min(holding.since, seen.at), seen.at, holding.observed_s + added_s)


def _in_cooldown(rule: AlertRule, status: AlertStatus, at: datetime) -> bool:
    if status.quiet_until is None:
        return False
    # A longer wait than the cooldown itself comes of a clock that was set back.
    return 0 < _seconds(at, status.quiet_until) <= rule.cooldown_s


def _enter(status: AlertStatus, state: AlertState, at: datetime) -> AlertStatus:
    if status.state is state and status.since is not None:
        return status
    return replace(status, state=state, since=at)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
