"""NewestBuffer: hands pictures from a reading thread to a counting one, without lag."""

import threading
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.events import Gap
from ovd.video.capture import LivePicture


@dataclass(frozen=True, eq=False)
class Arrival:
    """A picture that was admitted by the sampling rate.

    Attributes:
        picture: As it arrived.
        index: Its number among all pictures of the source, from 0.
        time_s: Seconds since the first picture, on a clock that never steps.
        captured_at: When it arrived, aware UTC.
    """

    picture: LivePicture
    index: int
    time_s: float
    captured_at: datetime


class NewestBuffer:
    """Holds the newest arrival, and around a gap the last one before it; never more.

    Attributes:
        replaced: Arrivals that nobody took before a newer one came.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._before_gap: Arrival | None = None
        self._gap: Gap | None = None
        self._newest: Arrival | None = None
        self._ended = False
        self.replaced = 0

    def put(self, arrival: Arrival) -> None:
        """Replace what nobody took."""
        with self._changed:
            self.replaced += self._newest is not None
            self._newest = arrival
            self._changed.notify_all()

    def put_gap(self, gap: Gap) -> None:
        """Add a gap after what is there; an older one that nobody took is joined with it."""
        with self._changed:
            if self._gap is None:
                self._before_gap, self._gap = self._newest, gap
            else:
                self.replaced += self._newest is not None
                self._gap = Gap(gap.camera, self._gap.started_at, gap.ended_at, gap.reason)
            self._newest = None

    def end(self) -> None:
        """Let whoever waits go; nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> tuple[list[Arrival | Gap], bool]:
        """Wait for an arrival or the end.

        Returns:
            What there is, in order, and whether nothing more comes.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended, timeout_s)
            there = (self._before_gap, self._gap, self._newest)
            self._before_gap = self._gap = self._newest = None
            return [item for item in there if item is not None], self._ended
