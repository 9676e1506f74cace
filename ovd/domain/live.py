"""Types of live sources: transport, state and health."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Transport(StrEnum):
    """The transport protocol of an RTSP camera."""

    TCP = "tcp"
    UDP = "udp"


class Patience(StrEnum):
    """Reactions to a camera that does not answer while its source is opened.

    NONE: raise an error. AWAY: wait for one that is unreachable, and raise an error if it refuses
    the login or sends no video. ALL: open without waiting; failures show later.
    """

    NONE = "none"
    AWAY = "away"
    ALL = "all"


class SourceState(StrEnum):
    """The state of a live source."""

    GOOD = "good"
    CONNECTING = "connecting"
    AWAY = "away"
    FROZEN = "frozen"
    BLIND = "blind"


@dataclass(frozen=True)
class SourceHealth:
    """The state of a live source, and its history since it was opened.

    Attributes:
        state: CONNECTING before the first frame, AWAY while there are none, FROZEN while they do
            not change, BLIND while they have no content.
        detail: The reason, as text for people; empty if GOOD. Free of credentials.
        reconnects: Number of reconnections.
        frames_dropped: Number of frames that were due, but skipped for newer ones.
    """

    state: SourceState
    detail: str = ""
    reconnects: int = 0
    frames_dropped: int = 0


@runtime_checkable
class HealthReporter(Protocol):
    """A source that reports its health; files do not."""

    @property
    def health(self) -> SourceHealth:
        """Return the current health; may be called from any thread."""
        ...
