"""What is particular to cameras that send as it happens: how they are reached, how they stand."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Transport(StrEnum):
    """How the frames of an RTSP camera travel."""

    TCP = "tcp"
    UDP = "udp"


class OnUnreachable(StrEnum):
    """What opening a source does when its camera does not answer.

    FAIL: raises. WAIT: waits in the background for a camera that cannot be reached; raises for one
    that refuses the user or sends no video. DEFER: connects in the background whatever happens,
    so that opening returns at once and what goes wrong shows later.
    """

    FAIL = "fail"
    WAIT = "wait"
    DEFER = "defer"


class SourceState(StrEnum):
    """How a live source stands."""

    GOOD = "good"
    CONNECTING = "connecting"
    AWAY = "away"
    FROZEN = "frozen"
    BLIND = "blind"


@dataclass(frozen=True)
class SourceHealth:
    """How a live source stands, and what it went through since it was opened.

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
class Monitored(Protocol):
    """A source that can say how it stands; files have nothing to say."""

    @property
    def health(self) -> SourceHealth:
        """Return as of now; from any thread."""
        ...
