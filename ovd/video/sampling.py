"""Choosing which frames are counted: by media time for files, by arrival for streams."""

import math
from collections.abc import Iterable, Iterator

from ovd.video.decoding.file_pass import DecodedFrame, MissingInterval

# How far from its tick, in sampling intervals, a frame may arrive and still serve it.
_EARLY_TOLERANCE = 0.25
_ROUNDING = 1e-9


def sample_by_media_time(
    items: Iterable[DecodedFrame | MissingInterval], sample_fps: float, interval_s: float
) -> Iterator[DecodedFrame | MissingInterval]:
    """Keep, for every tick of `1 / sample_fps`, the frame nearest to it.

    Ticks are multiples counted from media time 0, so nothing drifts. A frame is yielded once
    even if it is nearest to several ticks: asking for more than there is gives everything.

    Args:
        items: In media time; what could not be seen passes through.
        sample_fps: Ticks per second.
        interval_s: Usual time between two frames; a frame next to nothing stands for half
            of it on either side.
    """
    held: DecodedFrame | None = None
    tick = 0
    for item in items:
        if held is not None:
            until_s = held.time_s + interval_s / 2
            if isinstance(item, DecodedFrame):
                until_s = (held.time_s + item.time_s) / 2
            if tick < until_s * sample_fps:
                yield held
                tick = math.ceil(until_s * sample_fps - _ROUNDING)
        if isinstance(item, DecodedFrame):
            if held is None:
                since = (item.time_s - interval_s / 2) * sample_fps
                tick = max(tick, math.ceil(since - _ROUNDING))
            held = item
        else:
            held = None
            yield item
    if held is not None and tick < (held.time_s + interval_s / 2) * sample_fps:
        yield held


class ArrivalSampler:
    """Admits live frames at a steady mean rate, judged by when they arrive."""

    def __init__(self, sample_fps: float | None) -> None:
        """Set the rate; None admits every frame."""
        self._interval_s = None if sample_fps is None else 1 / sample_fps
        self._due_s: float | None = None

    def admits(self, arrived_s: float) -> bool:
        """Return whether the frame that arrived at this time, in seconds, is to be counted."""
        if self._interval_s is None:
            return True
        if self._due_s is None:
            self._due_s = arrived_s
        late_s = arrived_s - self._due_s
        if late_s < -_EARLY_TOLERANCE * self._interval_s:
            return False
        # After a pause the missed ticks are not made up for by a burst.
        self._due_s = (arrived_s if late_s > self._interval_s else self._due_s) + self._interval_s
        return True
