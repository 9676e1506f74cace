"""MediaTimeline: a steadily growing media time out of whatever time stamps a file carries."""

from collections import deque

# Stamps that repeat or step back by less than this are slips; by more, the clock was reset.
_LARGEST_SLIP_S = 1.0
_LONGEST_STEP_S = 3600.0
_SHORTEST_LIMIT_S = 10.0


class MediaTimeline:
    """Places frames in seconds since the first one, in the order they are shown.

    Time stamps are believed as long as they grow by a sane amount. A frame without one, or with
    one that repeats, follows its predecessor at the usual distance; where the stamps jump, as
    in recordings that were glued together, time goes on without the jump.
    """

    def __init__(self, interval_s: float, declared_s: float | None) -> None:
        """Start before the first frame.

        Args:
            interval_s: Usual time between two frames.
            declared_s: Length of the file if its header knows; no honest step is longer.
        """
        self._interval_s = interval_s
        self._longest_step_s = max(
            _SHORTEST_LIMIT_S, min(_LONGEST_STEP_S, declared_s or _LONGEST_STEP_S)
        )
        self._origins_s: deque[float] = deque(maxlen=2)
        self._last_s: float | None = None
        self._step_s = interval_s
        self.jumped = False

    def anchor(self, stamp_s: float | None) -> None:
        """Let time start here if it has not started, for a first frame that cannot be seen."""
        if not self._origins_s and stamp_s is not None:
            self._origins_s.append(stamp_s)

    def since_start(self, stamp_s: float) -> float:
        """Seconds from the first frame to a stamp, which need not be a frame's."""
        return stamp_s - (self._origins_s[-1] if self._origins_s else 0.0)

    def place(self, stamp_s: float | None) -> float:
        """Time in seconds of the next frame: 0 for the first, then always growing."""
        self.anchor(stamp_s)
        if self._last_s is None:
            self._last_s = 0.0 if stamp_s is None else max(0.0, self.since_start(stamp_s))
            return self._last_s
        time_s = self._next_s(self._last_s, stamp_s)
        self._step_s = min(time_s - self._last_s, self._interval_s)
        self._last_s = time_s
        return time_s

    def _next_s(self, last_s: float, stamp_s: float | None) -> float:
        expected_s = last_s + self._step_s
        if stamp_s is None:
            return expected_s
        # After a jump the origin before it is still tried: it may have been a single wild stamp.
        steps_s = [stamp_s - origin_s - last_s for origin_s in self._origins_s]
        sane_s = [step_s for step_s in steps_s if 0.0 < step_s <= self._longest_step_s]
        if sane_s:
            return last_s + min(sane_s)
        if not any(-_LARGEST_SLIP_S < step_s <= 0.0 for step_s in steps_s):
            self.jumped = True
            self._origins_s.append(stamp_s - expected_s)
        return expected_s
