"""Types of live sources: transport, state and health."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Transport(StrEnum):
    """The transport protocol of an RTSP camera."""

    TCP = "tcp"
    UDP = "udp"


class OnUnreachable(StrEnum):
    """The reaction to a camera that does not answer while its source is opened.

    FAIL: raise an error. WAIT: wait in the background for a camera that is unreachable, and raise
    an error if it refuses the login or sends no video. DEFER: connect in the background in any
    case, so that opening returns at once and failures show later.
    """

    FAIL = "fail"
    WAIT = "wait"
    DEFER = "defer"


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
        state: CONNECTING before the first frame, AWAY while there are none, FROZEN while they
            stand still, BLIND while there is nothing to be seen in them.
        detail: Why, for people; empty when all is well. Free of credentials.
        reconnects: How often it was connected again.
        frames_dropped: Frames that were to be counted and were passed over for newer ones.
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
