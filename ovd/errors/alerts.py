"""Errors of alert rules and of the targets that they are sent to."""

from ovd.errors.foundation import InputError, OvdError


class AlertRuleError(InputError):
    """An alert rule cannot be used as it was written."""

    code = "bad_alert_rule"


class UnknownAlertRuleError(AlertRuleError):
    """No alert rule has that name."""

    code = "unknown_alert_rule"


class AlertRuleListedError(AlertRuleError):
    """An alert rule of that name is there already."""

    code = "alert_rule_listed"


class TargetError(InputError):
    """A target that alerts are sent to cannot be used as it was written."""

    code = "bad_target"


class UnknownTargetError(TargetError):
    """No target has that name."""

    code = "unknown_target"


class DeliveryError(OvdError):
    """A message was not taken by its target.

    Attributes:
        lasting: Whether it would be refused again, until the message or the target changes.
        wait_s: Seconds after which the target wants to be asked again; None if it did not say.
    """

    code = "delivery_failed"

    def __init__(self, message: str, lasting: bool = False, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.lasting = lasting
        self.wait_s = wait_s


class ScheduleError(InputError):
    """A scheduled report cannot be used as it was written."""

    code = "bad_schedule"
