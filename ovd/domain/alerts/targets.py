"""Targets that alerts are sent to, and the outbox of messages on their way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ovd.domain.alerts.messages import AlertMessage
from ovd.domain.alerts.schedules import WeeklyHours, WeeklySchedule
from ovd.domain.names import normalise_name
from ovd.domain.time_zones import load_zone
from ovd.errors import TargetError

MAX_TARGET_NAME = 200


@dataclass(frozen=True)
class TargetOptions:
    """Options for sending to a target.

    Attributes:
        language: Language of its texts: en or ko.
        per_minute: Greatest number of messages in a minute; None means no limit.
        quiet_hours: Weekly hours in which messages wait, such as `daily 22:00-07:00`.
        tz: Time zone of the quiet hours.
        digest_s: Seconds for which messages are gathered into one; 0 sends each on its own.
    """

    language: str = "en"
    per_minute: int | None = None
    quiet_hours: tuple[str, ...] = ()
    tz: str = "UTC"
    digest_s: float = 0.0

    def __post_init__(self) -> None:
        if self.per_minute is not None and self.per_minute < 1:
            raise TargetError(f"a target gets 1 message in a minute or more, got {self.per_minute}")
        if self.digest_s < 0:
            raise TargetError(f"messages are gathered for 0 seconds or more, got {self.digest_s:g}")
        WeeklySchedule(tuple(map(WeeklyHours.parse, self.quiet_hours)), load_zone(self.tz))

    def is_quiet(self, at: datetime) -> bool:
        """Return whether messages wait at a time."""
        hours = tuple(map(WeeklyHours.parse, self.quiet_hours))
        return bool(hours) and WeeklySchedule(hours, load_zone(self.tz)).contains(at)


@dataclass(frozen=True)
class Target:
    """A place that alerts are sent to. It holds no secrets.

    Attributes:
        name: Unique, in the form of `ovd.domain.names.normalise_name`.
        url: Its address without secrets, for people.
        has_secret: Whether messages are signed with a secret.
        options: How messages are sent.
        fixed: Whether the settings name it; then it cannot be changed elsewhere.
    """

    name: str
    url: str
    has_secret: bool = False
    options: TargetOptions = TargetOptions()
    fixed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", normalise_name(self.name))
        if not self.name or len(self.name) > MAX_TARGET_NAME or not self.name.isprintable():
            raise TargetError(
                f"a target needs a printable name of 1 to {MAX_TARGET_NAME} characters, got "
                f"{self.name[:40]!r}"
            )


@dataclass(frozen=True)
class TargetSecrets:
    """The full address and the secret of a target, which people never see again.

    Attributes:
        url: Its full address.
        secret: Secret that its messages are signed with; empty for none.
    """

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


class OutboxStatus(StrEnum):
    """The status of a message on its way to a target."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True)
class OutboxEntry:
    """One message for one target.

    Attributes:
        id: Key in the database; lower ones of the same alert and target are sent first.
        target: Name of the target.
        message: The message.
        attempt: Attempts so far.
        next_attempt_at: Time before which it is not tried, aware UTC.
        status: How it stands.
        last_error: Why the last attempt failed, credentials removed; else empty.
        queued_at: When it was written, aware UTC, wall clock.
        sent_at: When it was taken; None before.
    """

    id: int
    target: str
    message: AlertMessage
    attempt: int
    next_attempt_at: datetime
    status: OutboxStatus
    last_error: str
    queued_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True)
class OutboxTally:
    """Numbers of the outbox.

    Attributes:
        waiting: Messages that wait to be sent.
        dead: Messages that were given up.
        oldest_at: When the oldest that waits was written, aware UTC; None where none waits.
    """

    waiting: int
    dead: int
    oldest_at: datetime | None = None
