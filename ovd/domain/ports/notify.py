"""Port of notifiers: whatever takes messages to people or programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

JsonValue = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True)
class Attachment:
    """A file that goes along with a message.

    Attributes:
        name: Its file name.
        media_type: Such as `image/jpeg`.
        content: Its bytes.
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Notice:
    """A message, in words for people and in values for programs.

    Attributes:
        key: Key by which a receiver recognises a message that comes twice.
        topic: Name of the rule that it is about; several or none: empty.
        title: One line.
        text: The whole, several lines.
        body: The values of the contract; of several messages at once, see docs/targets.md.
        severity: info, warning or critical.
        link: Address of the page at that time; empty without.
        attachments: Files that go along where the target takes files.
    """

    key: str
    topic: str
    title: str
    text: str
    body: Mapping[str, JsonValue]
    severity: str = "info"
    link: str = ""
    attachments: tuple[Attachment, ...] = ()


class Notifier(Protocol):
    """Takes messages to one target."""

    def send(self, notice: Notice) -> None:
        """Hand over a message; returns when the target has it.

        Raises:
            DeliveryError: If it did not take the message, or that is not known.
        """
        ...
