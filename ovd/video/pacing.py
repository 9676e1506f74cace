"""RealtimePacer: lets a file's frames pass at the speed at which they were taken."""

import threading

from ovd.domain.ports import Clock

# Skipping gives up after this long, so that a file which decodes slower than real time is shown
# late rather than never.
_LONGEST_SKIPPING_S = 1.0
_ROUNDING_S = 1e-6


class RealtimePacer:
    """Waits for frames that are early and drops those that a newer one has replaced."""

    def __init__(self, clock: Clock, interval_s: float, closed: threading.Event) -> None:
        """Start with the first frame that is judged.

        Args:
            clock: Tells what is due.
            interval_s: Media time between two frames.
            closed: Ends any wait when set.
        """
        self._clock = clock
        self._interval_s = interval_s
        self._closed = closed
        self._started_s: float | None = None
        self._skipping_since_s: float | None = None

    def admits(self, time_s: float) -> bool:
        """Wait until a frame of this media time is due; False if its successor already is."""
        now_s = self._clock.monotonic()
        if self._started_s is None:
            self._started_s = now_s - time_s
        due_s = self._started_s + time_s
        if now_s - due_s >= self._interval_s - _ROUNDING_S:
            if self._skipping_since_s is None:
                self._skipping_since_s = now_s
            if now_s - self._skipping_since_s < _LONGEST_SKIPPING_S:
                return False
        self._skipping_since_s = None
        while (left_s := due_s - self._clock.monotonic()) > 0 and not self._closed.wait(left_s):
            pass
        return True
