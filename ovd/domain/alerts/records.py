"""Records of alerts that are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.alerts.messages import AlertMessage
from ovd.domain.alerts.rules import AlertRule
from ovd.domain.alerts.states import AlertStatus


@dataclass(frozen=True)
class SavedRule:
    """A rule of the database.

    Attributes:
        id: Key in the database; a rule that is removed and added again has another.
        version: Differs after every change.
        rule: The rule.
        created_at: When it was added, aware UTC.
    """

    id: int
    version: str
    rule: AlertRule
    created_at: datetime


@dataclass(frozen=True)
class SavedStatus:
    """A status of the database and the rule that it belongs to."""

    rule_id: int
    status: AlertStatus


@dataclass(frozen=True)
class AlertChange:
    """A new status of a rule at a camera, and the messages that it causes.

    Attributes:
        rule_id: Key of the rule.
        status: How it stands now.
        messages: Messages, in order; they are logged.
        to: Names of the targets that each message is queued for.
    """

    rule_id: int
    status: AlertStatus
    messages: tuple[AlertMessage, ...] = ()
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoggedMessage:
    """A message of the log.

    Attributes:
        id: Key in the database, higher for later ones.
        message: The message.
        logged_at: When it was written, aware UTC, wall clock.
    """

    id: int
    message: AlertMessage
    logged_at: datetime


@dataclass(frozen=True)
class LogSelection:
    """Messages of the log to read, newest first.

    Attributes:
        rule: Name of the rule; empty means all.
        camera: Name of the camera; empty means all.
        start_at: First time of a message by the rule's clock, aware; None means no bound.
        end_at: Time after the last, likewise.
        before_id: Only messages with a lower key; None means from the newest on.
        limit: Greatest number of messages.
        cameras: Cameras that may be shown; None means all. Messages of the machine always are.
    """

    rule: str = ""
    camera: str = ""
    start_at: datetime | None = None
    end_at: datetime | None = None
    before_id: int | None = None
    limit: int = 100
    cameras: Sequence[str] | None = None


@dataclass(frozen=True)
class SavedView:
    """The reference view of a camera.

    Attributes:
        camera: Name of the camera.
        captured_at: When the image was taken, aware UTC.
        image: A small grey image as PNG.
    """

    camera: str
    captured_at: datetime
    image: bytes
