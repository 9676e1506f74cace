"""Alert rules, states and messages as JSON values of a column, and back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from ovd.domain.alerts import (
    AlertMessage,
    AlertRule,
    AlertState,
    AlertStatus,
    Clearing,
    Condition,
    Direction,
    Holding,
    MessageType,
    OpenAlert,
    Severity,
)

Json = dict[str, Any]


def rule_to_json(rule: AlertRule) -> Json:
    """Return a rule as JSON values."""
    return _plain(asdict(rule))


def rule_from_json(values: Json) -> AlertRule:
    """Return the rule of JSON values."""
    return AlertRule(
        **values
        | {
            "when": Condition(values["when"]),
            "cameras": tuple(values["cameras"]),
            "direction": Direction(values["direction"]),
            "clear": Clearing(**values["clear"]),
            "schedule": tuple(values["schedule"]),
            "severity": Severity(values["severity"]),
            "to": tuple(values["to"]),
            "snoozed_until": _time(values["snoozed_until"]),
        }
    )


def status_to_json(status: AlertStatus) -> Json:
    """Return a status as JSON values."""
    return _plain(asdict(status))


def status_from_json(values: Json) -> AlertStatus:
    """Return the status of JSON values."""
    alert = values["alert"]
    return AlertStatus(
        **values
        | {
            "state": AlertState(values["state"]),
            "holding": _holding(values["holding"]),
            "clearing": _holding(values["clearing"]),
            "alert": None
            if alert is None
            else OpenAlert(
                **alert
                | {key: datetime.fromisoformat(alert[key]) for key in ("started_at", "told_at")}
            ),
            "crossed_at": tuple(map(datetime.fromisoformat, values["crossed_at"])),
            **{key: _time(values[key]) for key in ("since", "quiet_until", "unobserved_until")},
        }
    )


def message_to_json(message: AlertMessage) -> Json:
    """Return a message as JSON values: its body, and what is not part of that."""
    return _plain(asdict(message))


def message_from_json(values: Json) -> AlertMessage:
    """Return the message of JSON values."""
    return AlertMessage(
        **values
        | {
            "type": MessageType(values["type"]),
            "when": Condition(values["when"]),
            "severity": Severity(values["severity"]),
            "at": datetime.fromisoformat(values["at"]),
            "started_at": datetime.fromisoformat(values["started_at"]),
            "ended_at": _time(values["ended_at"]),
        }
    )


def _holding(values: Json | None) -> Holding | None:
    if values is None:
        return None
    times = {key: datetime.fromisoformat(values[key]) for key in ("since", "last_at")}
    return Holding(**values | times)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _plain(values: Json) -> Json:
    """Return values with texts for times and lists for tuples."""
    return {key: _plain_value(value) for key, value in values.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    return value
