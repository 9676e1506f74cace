"""MediaTimeline: a steadily growing media time out of whatever time stamps a file carries."""

from collections import deque

# Stamps that repeat or step back by less than this are slips; by more, the clock was reset.
_LARGEST_SLIP_S = 1.0
_LONGEST_STEP_S = 3600.0
_SHORTEST_LIMIT_S = 10.0


class MediaTimeline:
    """Places packets and frames in seconds of media time.

    Every packet, whether it can be decoded or not, is placed in the order of decoding, so that time
    which was lost to damage keeps its length. Stamps are believed as long as they grow by a
    sane amount. Where they jump, as in recordings that were glued together or restarted, time
    goes on after the last frame of the part before; what follows has another origin.
    """

    def __init__(self, origin_s: float, interval_s: float, declared_s: float | None) -> None:
        """Start before the first packet.

        Args:
            origin_s: Stamp at which media time is 0.
            interval_s: Usual time between two frames.
            declared_s: Length of the file if its header knows; no honest step is longer.
        """
        self._interval_s = interval_s
        self._longest_step_s = max(
            _SHORTEST_LIMIT_S, min(_LONGEST_STEP_S, declared_s or _LONGEST_STEP_S)
        )
        self._origins_s: deque[float] = deque([origin_s], maxlen=2)
        self._decoded_s: float | None = None
        self._shown_s: float | None = None
        self._step_s = interval_s
        self.end_s = 0.0
        self.jumped = False

    def place_packet(
        self, pts_s: float | None, dts_s: float | None, duration_s: float = 0.0
    ) -> float:
        """Return the origin of the packet that is decoded next.

        Args:
            pts_s: When it is shown, in stamps of the file; None if unknown.
            dts_s: When it is decoded.
            duration_s: How long it is shown; 0 if unknown.
        """
        stamp_s = pts_s if dts_s is None else dts_s
        if stamp_s is None:
            self.end_s += self._interval_s
            return self._origins_s[-1]
        self._follow(stamp_s, pts_s)
        origin_s = self._origins_s[-1]
        shown_s = stamp_s if pts_s is None else pts_s
        if shown_s - stamp_s < _SHORTEST_LIMIT_S:
            self.end_s = max(self.end_s, shown_s - origin_s + (duration_s or self._interval_s))
        return origin_s

    def place_frame(self, time_s: float | None) -> float:
        """Return the media time of the next frame shown; it always grows.

        Args:
            time_s: Its stamp less the origin of its packet; None if it has no stamp, so that it
                follows the frame before at the usual distance.
        """
        if self._shown_s is None:
            self._shown_s = max(0.0, time_s or 0.0)
            return self._shown_s
        expected_s = self._shown_s + self._step_s
        if time_s is None or not 0.0 < time_s - self._shown_s <= self._longest_step_s:
            time_s = expected_s
        self._step_s = min(time_s - self._shown_s, self._interval_s)
        self._shown_s = time_s
        return time_s

    def _follow(self, stamp_s: float, pts_s: float | None) -> None:
        if self._decoded_s is None:
            self._decoded_s = stamp_s - self._origins_s[-1]
            return
        # After a jump the origin before it is still tried: it may have been a single wild stamp.
        steps_s = {
            origin_s: stamp_s - origin_s - self._decoded_s for origin_s in reversed(self._origins_s)
        }
        sane_s = {
            origin_s: step_s
            for origin_s, step_s in steps_s.items()
            if 0.0 < step_s <= self._longest_step_s
        }
        if sane_s:
            self._use(min(sane_s, key=sane_s.__getitem__), stamp_s)
        elif any(-_LARGEST_SLIP_S < step_s <= 0.0 for step_s in steps_s.values()):
            return
        else:
            self.jumped = True
            shown_s = stamp_s if pts_s is None else pts_s
            self._use(shown_s - self.end_s, stamp_s)

    def _use(self, origin_s: float, stamp_s: float) -> None:
        if origin_s in self._origins_s:
            self._origins_s.remove(origin_s)
        self._origins_s.append(origin_s)
        self._decoded_s = stamp_s - origin_s
