"""AlertMessage: one message about an alert, as it is logged and sent to targets."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ovd.domain.alerts.rules import Condition, Severity
from ovd.domain.frame import require_aware


class MessageType(StrEnum):
    """The type of a message: an alert begins, something about it changed, or it ends."""

    NEW = "new"
    UPDATE = "update"
    END = "end"


@dataclass(frozen=True)
class AlertMessage:
    """One message about an alert.

    Attributes:
        id: Identity of the alert, the same in all its messages.
        type: The type of the message.
        number: Place among the messages of the alert, from 1; "n" of the idempotency key.
        rule: Name of the rule.
        when: Its condition.
        severity: Its urgency.
        camera: Name of the camera; empty for a condition of the machine.
        zone: Name of the zone; empty for the whole image.
        query: Text of the query; empty for a condition without objects.
        count: What was counted; None while it is not observed, or nothing is counted.
        threshold: The rule's count; None where it has none.
        at: When the message was made, by the clock of the rule, aware UTC.
        started_at: When the condition began to hold, aware UTC.
        ended_at: Since when it holds no longer, aware UTC; None until the end.
        observed: Whether the condition was observed when the message was made.
        image_query: Query as typed, of which images of the frame at `at` were kept as evidence;
            empty without.
        image_url: Address of such an image; empty without.
        link: Address of the page at that time; empty without.
    """

    id: str
    type: MessageType
    number: int
    rule: str
    when: Condition
    severity: Severity
    camera: str
    zone: str
    query: str
    count: int | float | None
    threshold: int | float | None
    at: datetime
    started_at: datetime
    ended_at: datetime | None
    observed: bool
    image_query: str = ""
    image_url: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at, "at")
        require_aware(self.started_at, "started_at")
        if (self.ended_at is not None) != (self.type is MessageType.END):
            raise ValueError(f"an end has a time of its own and nothing else has one: {self}")
        if self.number < 1:
            raise ValueError(f"messages of an alert are numbered from 1: {self}")

    @property
    def idempotency_key(self) -> str:
        """Return the key by which a receiver recognises a message that comes twice."""
        return f"{self.id}/{self.type}/{self.number}"

    def body(self) -> dict[str, str | int | float | bool | None]:
        """Return the values that webhooks, MQTT and the log carry; texts that are empty are None.

        Times are ISO 8601 with their UTC offset.
        """
        return {
            "id": self.id,
            "type": self.type.value,
            "rule": self.rule,
            "severity": self.severity.value,
            "camera": self.camera or None,
            "zone": self.zone or None,
            "query": self.query or None,
            "count": self.count,
            "threshold": self.threshold,
            "started_at": self.started_at.isoformat(),
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(),
            "observed": self.observed,
            "image_url": self.image_url or None,
            "link": self.link or None,
        }
