"""BatchSize: how many images a detector is given at a time, by the time that it took."""

import statistics
from collections import deque

SIZES = (4, 2, 1, 8)
SAMPLES = 5
# A larger batch makes every camera wait longer, so it has to be faster per image by this much.
GAIN = 1.1
RENEW_AFTER = 1000


class BatchSize:
    """Chooses the smallest batch that no larger one beats by far, from measured times.

    On a processor, images of a batch mostly go through one after the other, so that one at a time
    is as fast and answers sooner; on a GPU eight may take as long as one. Each size is tried a
    few times where enough images wait, and again every thousand calls, as other work comes and
    goes. Not safe to share between threads.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._image_s: dict[int, deque[float]] = {}
        self._forget()

    def limit(self) -> int:
        """Return how many images to take at most."""
        for size in SIZES:
            if len(self._image_s[size]) < SAMPLES:
                return size
        image_s = {size: statistics.median(times) for size, times in self._image_s.items()}
        best = min(sorted(SIZES), key=lambda size: image_s[size])
        return next(size for size in sorted(SIZES) if image_s[size] <= image_s[best] * GAIN)

    def learn(self, size: int, batch_s: float) -> None:
        """Take in that a batch of `size` images took `batch_s` seconds."""
        self._calls += 1
        if self._calls % RENEW_AFTER == 0:
            self._forget()
        if size in self._image_s:
            self._image_s[size].append(batch_s / size)

    def _forget(self) -> None:
        self._image_s = {size: deque(maxlen=SAMPLES) for size in SIZES}
