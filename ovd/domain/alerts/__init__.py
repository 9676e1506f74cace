"""Alerts: rules, how they stand, the messages they cause, and the targets of these."""

from ovd.domain.alerts.messages import AlertMessage, MessageType
from ovd.domain.alerts.records import (
    AlertChange,
    LoggedMessage,
    LogSelection,
    SavedRule,
    SavedStatus,
    SavedView,
)
from ovd.domain.alerts.rules import AlertRule, Clearing, Condition, Direction, Severity
from ovd.domain.alerts.schedules import WeeklyHours, WeeklySchedule
from ovd.domain.alerts.states import AlertState, AlertStatus, Holding, OpenAlert
from ovd.domain.alerts.targets import (
    OutboxEntry,
    OutboxStatus,
    OutboxTally,
    Target,
    TargetOptions,
    TargetSecrets,
)

__all__ = [
    "AlertChange",
    "AlertMessage",
    "AlertRule",
    "AlertState",
    "AlertStatus",
    "Clearing",
    "Condition",
    "Direction",
    "Holding",
    "LogSelection",
    "LoggedMessage",
    "MessageType",
    "OpenAlert",
    "OutboxEntry",
    "OutboxStatus",
    "OutboxTally",
    "SavedRule",
    "SavedStatus",
    "SavedView",
    "Severity",
    "Target",
    "TargetOptions",
    "TargetSecrets",
    "WeeklyHours",
    "WeeklySchedule",
]
