"""SharedDetector: one detector for many cameras, several of their frames at a time."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Clock, Detector, DetectorInfo
from ovd.domain.query import Query, Vocabulary
from ovd.errors import OvdError

# More at once are no faster on a processor, keep everybody waiting longer and take more memory.
MAX_BATCH = 4
_VOCABULARIES = 64
# Weight of the newest call in the mean time of a frame.
_NEWEST = 0.1
_WARM_UP_CALLS = 3


@dataclass(eq=False)
class _Request:
    images: Sequence[Image]
    vocabulary: Vocabulary
    found: list[Detections] | None = None
    alone: bool = False


class SharedDetector:
    """Implements `ovd.domain.ports.Detector` by gathering what camera threads ask for at once.

    Whoever finds the detector free calls it for the requests that wait, oldest first, as far as
    they look for the same queries; nobody waits for a batch to fill. A camera asks for its next
    frame only when it has its last one back, so each has one turn per round: when they ask for
    more than the detector can do, all slow down alike, and one that asks for less than an even
    share gets it. A picture that makes a batch fail is tried again by itself, so that it troubles
    its own camera only.

    The detector runs in one thread, whoever asks: libraries for mathematics keep memory and
    worker threads for each thread that calls them, eight times as much for eight cameras.
    """

    def __init__(self, detector: Detector, clock: Clock) -> None:
        self._detector = detector
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "detect")
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._busy = False
        self._vocabularies: OrderedDict[tuple[Query, ...], Vocabulary] = OrderedDict()
        self._calls = 0
        self._frame_s = 0.0

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the detector behind it."""
        return self._detector.info

    @property
    def frames_per_s(self) -> float | None:
        """Frames it gets through in a second as of late; None before it has looked at a few."""
        with self._changed:
            known = self._calls > _WARM_UP_CALLS and self._frame_s > 0
            return 1 / self._frame_s if known else None

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts; equal queries give the same vocabulary, so that batches can form.

        Raises:
            QueryError: If a query is unsupported or there is none.
        """
        key = tuple(queries)
        with self._changed:
            known = self._vocabularies.get(key)
        if known is not None:
            return known
        made = self._detector.encode(queries)
        with self._changed:
            made = self._vocabularies.setdefault(key, made)
            if len(self._vocabularies) > _VOCABULARIES:
                self._vocabularies.popitem(last=False)
        return made

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` RGB pictures; waits its turn.

        Raises:
            OvdError: What the detector raises for these pictures.
        """
        own = _Request(images, vocabulary)
        with self._changed:
            self._waiting.append(own)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: own.found is not None or not self._busy)
                if own.found is not None:
                    return own.found
                batch = self._choose(own)
                self._busy = True
            try:
                self._serve(batch, own)
            finally:
                with self._changed:
                    for request in batch:
                        request.alone = request.found is None
                    self._busy = False
                    self._changed.notify_all()

    def _choose(self, own: _Request) -> list[_Request]:
        if own.alone:
            return [own]
        vocabulary = self._waiting[0].vocabulary
        batch: list[_Request] = []
        size = 0
        for request in self._waiting:
            if request.vocabulary is vocabulary:
                size += len(request.images)
                if batch and size > MAX_BATCH:
                    break
                batch.append(request)
        self._waiting = [request for request in self._waiting if request not in batch]
        return batch

    def _serve(self, batch: list[_Request], own: _Request) -> None:
        images = [image for request in batch for image in request.images]
        started_s = self._clock.monotonic()
        try:
            call = self._thread.submit(self._detector.detect, images, batch[0].vocabulary)
            found = call.result()
        except OvdError:
            if batch == [own]:
                raise
            return
        self._learn_speed((self._clock.monotonic() - started_s) / max(len(images), 1))
        for request in batch:
            count = len(request.images)
            request.found, found = found[:count], found[count:]

    def _learn_speed(self, frame_s: float) -> None:
        with self._changed:
            self._calls += 1
            if self._calls <= _WARM_UP_CALLS:
                self._frame_s = frame_s
            else:
                self._frame_s += _NEWEST * (frame_s - self._frame_s)
