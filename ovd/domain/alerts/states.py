"""AlertStatus: how one rule stands at one camera; all that is kept between two observations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertState(StrEnum):
    """The state of a rule at a camera.

    PENDING while the condition holds and no alert has begun, UNKNOWN while it is not observed.
    """

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Holding:
    """Time for which a condition was observed to hold.

    Attributes:
        since: First observation in which it held, aware UTC.
        last_at: The latest one.
        observed_s: Observed seconds between the two; gaps are left out.
    """

    since: datetime
    last_at: datetime
    observed_s: float = 0.0


@dataclass(frozen=True)
class OpenAlert:
    """An alert that has begun and not ended.

    Attributes:
        id: Its identity, the same in every message about it.
        started_at: When its condition began to hold, aware UTC.
        number: Messages about it so far.
        told_at: When the latest of them was made.
        observed: Whether the latest of them told that the condition is observed.
    """

    id: str
    started_at: datetime
    number: int
    told_at: datetime
    observed: bool = True


@dataclass(frozen=True)
class AlertStatus:
    """A rule at a camera.

    Attributes:
        camera: Name of the camera; empty for a condition of the machine.
        state: The state that people see.
        since: Since when, aware UTC; None before the first observation.
        count: Count of the latest observation that changed something; None without one.
        holding: While the condition holds without an alert.
        alert: While there is one; also while its camera is not observed.
        clearing: While there is an alert and the condition that ends it holds.
        quiet_until: End of the cooldown after the last alert.
        crossed_at: Times of recent crossings, oldest first.
        unobserved_until: End of the latest gap, which crossings may have been missed in.
        alerts: Alerts that began so far.
    """

    camera: str
    state: AlertState = AlertState.OK
    since: datetime | None = None
    count: int | float | None = None
    holding: Holding | None = None
    alert: OpenAlert | None = None
    clearing: Holding | None = None
    quiet_until: datetime | None = None
    crossed_at: tuple[datetime, ...] = ()
    unobserved_until: datetime | None = None
    alerts: int = 0
