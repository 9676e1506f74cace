"""Policies of live sources: timeouts, pauses, and detection of frozen images."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from ovd.domain.live import Transport
from ovd.video.decoding.container import Timeouts


@dataclass(frozen=True)
class BackOff:
    """Pauses between attempts to connect.

    Where no host answers, trying costs next to nothing and is done often, so that the gap ends
    soon after the camera is back. The ceiling is what a camera that answers, but has no frames
    yet, waits for us at most. The jitter keeps many cameras behind one switch
    from coming back in step.

    Attributes:
        first_s: Pause after the first failure; each further one is twice as long.
        ceiling_s: Longest pause for a camera that can be expected back.
        silent_s: Pause where no host answers at the address.
        unusable_s: Pause where something answers that never was a camera.
        jitter: Share of a pause that is left to chance.
    """

    first_s: float = 0.5
    ceiling_s: float = 2.0
    silent_s: float = 0.2
    unusable_s: float = 30.0
    jitter: float = 0.3

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to wait after each failure in a row."""
        pause_s = self.first_s
        while True:
            yield self.jittered(pause_s)
            pause_s = min(2 * pause_s, self.ceiling_s)

    def jittered(self, pause_s: float) -> float:
        """Return a pause shortened by chance."""
        return pause_s * (1 - self.jitter * random.random())  # noqa: S311 - no secret


@dataclass(frozen=True)
class StreamPolicy:
    """Parameters for reading a live source.

    Attributes:
        timeouts: How long a connection may take.
        transport: For RTSP cameras whose options name none.
        freeze_s: Seconds for which a camera may show exactly the same frame; 0 for ever.
        back_off: Pauses between attempts to connect.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    transport: Transport = Transport.TCP
    freeze_s: float = 20.0
    back_off: BackOff = field(default_factory=BackOff)
