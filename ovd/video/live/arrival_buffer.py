"""ArrivalBuffer: hands frames from a reading thread to a counting one, without lasting lag."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.events import Gap
from ovd.video.live.capture import LiveFrame

# A machine that pauses for a few seconds loses no sample.
PATIENCE_S = 4.0
# Frames are held as the decoder made them: 3 MB each at 1080p.
MOST_WAITING = 8
# Counting that was too slow must have kept up for this long before frames wait for it again.
CALM_S = 5.0


@dataclass(frozen=True, eq=False)
class Arrival:
    """A frame that was admitted by the sampling rate.

    Attributes:
        frame: As it arrived.
        index: Its number among all frames of the source, from 0.
        time_s: Seconds since the first frame, on a clock that never steps.
        captured_at: When it arrived, aware UTC.
    """

    frame: LiveFrame
    index: int
    time_s: float
    captured_at: datetime


class ArrivalBuffer:
    """Keeps arrivals in order through a short stall, and only the newest when it lasts.

    Up to `MOST_WAITING` arrivals wait, none longer than `PATIENCE_S`. When that does not do, all
    but the newest are dropped, and from then on each replaces the one before, so that a machine
    which is always too slow counts what is new instead of what is seconds old; until none had
    to be dropped for `CALM_S`. Gaps are never dropped; those with nothing between them are joined.

    Attributes:
        dropped: Arrivals that will not be counted.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Arrival | Gap] = deque()
        self._last_drop_s: float | None = None
        self._ended = False
        self.dropped = 0

    def put(self, arrival: Arrival) -> None:
        """Add the newest arrival; may drop those that wait."""
        with self._changed:
            if self._must_drop(arrival.time_s):
                self._drop_arrivals(arrival.time_s)
            self._waiting.append(arrival)
            self._changed.notify_all()

    def put_gap(self, gap: Gap) -> None:
        """Add a gap after what is there."""
        with self._changed:
            self._append_gap(gap)
            self._changed.notify_all()

    def end(self) -> None:
        """End every wait; nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> tuple[Arrival | Gap | None, bool]:
        """Wait for what comes next, or the end.

        Returns:
            The oldest that waits, None if there is nothing, and whether nothing more comes.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._ended, timeout_s)
            item = self._waiting.popleft() if self._waiting else None
            return item, self._ended and not self._waiting

    def _arrivals(self) -> list[Arrival]:
        return [item for item in self._waiting if isinstance(item, Arrival)]

    def _must_drop(self, now_s: float) -> bool:
        waiting = self._arrivals()
        if not waiting:
            return False
        hurried = self._last_drop_s is not None and now_s - self._last_drop_s < CALM_S
        return hurried or len(waiting) >= MOST_WAITING or now_s - waiting[0].time_s > PATIENCE_S

    def _drop_arrivals(self, now_s: float) -> None:
        self.dropped += len(self._arrivals())
        self._last_drop_s = now_s
        gaps = [item for item in self._waiting if isinstance(item, Gap)]
        self._waiting.clear()
        for gap in gaps:
            self._append_gap(gap)

    def _append_gap(self, gap: Gap) -> None:
        before = self._waiting[-1] if self._waiting else None
        if isinstance(before, Gap):
            self._waiting.pop()
            gap = Gap(gap.camera, before.started_at, gap.ended_at, gap.reason)
        self._waiting.append(gap)
