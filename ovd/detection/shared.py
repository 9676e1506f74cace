"""SharedDetector: one detector for many cameras, several of their frames at a time."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from ovd.detection.batch_size import BatchSize
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Clock, Detector, DetectorInfo
from ovd.domain.query import Query, Vocabulary
from ovd.errors import DetectorClosedError
from ovd.threads import Backoff, Caught, SupervisedThread, ThreadHealth

JOIN_TIMEOUT_S = 10.0
_CLOSED = "the detector was closed while a frame waited for it; start ovd again to go on"
_VOCABULARIES = 64
# Weight of the newest call in the mean time of a frame.
_NEWEST = 0.1
_WARM_UP_CALLS = 3


@dataclass(eq=False)
class _Request:
    images: Sequence[Image]
    vocabulary: Vocabulary
    answer: "Future[list[Detections]]" = field(default_factory=Future)


class SharedDetector:
    """Implements `ovd.domain.ports.Detector` by gathering what camera threads ask for at once.

    The detector runs in one thread, whoever asks: libraries for mathematics keep memory and
    worker threads for each thread that calls them, eight times as much for eight cameras. That
    thread takes the requests that wait, oldest first, as far as they look for the same queries,
    and as many as pay by the times measured so far; no request waits for a batch to fill. A
    camera asks for its next frame only when it has its last one back, so each has one turn per
    round: when they ask for more than the detector can do, all slow down alike, and one that
    asks for less than an even share gets it.

    When a batch fails, whatever the error is, each request in it is tried again by itself, so
    that an image that cannot be looked at fails its own camera only.
    """

    def __init__(self, detector: Detector, clock: Clock) -> None:
        """Share a detector; the thread starts with the first request."""
        self._detector = detector
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._closed = False
        self._vocabularies: OrderedDict[tuple[Query, ...], Vocabulary] = OrderedDict()
        self._batch_size = BatchSize()
        self._calls = 0
        self._frame_s = 0.0
        # Requests wait while it pauses, so the pauses are short.
        self._thread = SupervisedThread(
            "detect", self._work, self._wake, Backoff(first_s=0.1, ceiling_s=2.0)
        )

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
        """Find objects in `(H, W, 3)` RGB images; waits its turn.

        Raises:
            DetectorClosedError: If the detector was closed meanwhile.
            Exception: What the detector raises for these images.
        """
        own = _Request(images, vocabulary)
        with self._changed:
            if self._closed:
                raise DetectorClosedError(_CLOSED)
            self._waiting.append(own)
            self._changed.notify_all()
        self._thread.start()
        return own.answer.result()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the detecting thread."""
        return (self._thread.health,)

    def close(self) -> None:
        """End the thread after the batch at hand; what waits is refused. Twice is harmless."""
        with self._changed:
            self._closed = True
            refused, self._waiting = self._waiting, []
        for request in refused:
            request.answer.set_exception(DetectorClosedError(_CLOSED))
        self._thread.stop(JOIN_TIMEOUT_S)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stopping: threading.Event) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or stopping.is_set())
                if not self._waiting:
                    return
                batch = self._take_batch()
            self._serve(batch)

    def _take_batch(self) -> list[_Request]:
        vocabulary = self._waiting[0].vocabulary
        batch: list[_Request] = []
        size, limit = 0, self._batch_size.limit()
        for request in self._waiting:
            if request.vocabulary is vocabulary:
                size += len(request.images)
                if batch and size > limit:
                    break
                batch.append(request)
        self._waiting = [request for request in self._waiting if request not in batch]
        return batch

    def _serve(self, batch: Sequence[_Request]) -> None:
        """Answer every request of a batch, with what was found or with the error it caused."""
        with Caught() as caught:
            found = self._detect(batch)
            for request, own in zip(batch, found, strict=True):
                request.answer.set_result(own)
        if caught.error is None:
            return
        if len(batch) == 1:
            batch[0].answer.set_exception(caught.error)
            return
        for request in batch:
            self._serve([request])

    def _detect(self, batch: Sequence[_Request]) -> list[list[Detections]]:
        images = [image for request in batch for image in request.images]
        started_s = self._clock.monotonic()
        found = self._detector.detect(images, batch[0].vocabulary)
        assert len(found) == len(images), f"{len(found)} results for {len(images)} images"
        spent_s = self._clock.monotonic() - started_s
        self._batch_size.learn(len(images), spent_s)
        self._learn_speed(spent_s / max(len(images), 1))
        rest = iter(found)
        return [[next(rest) for _ in request.images] for request in batch]

    def _learn_speed(self, frame_s: float) -> None:
        with self._changed:
            self._calls += 1
            if self._calls <= _WARM_UP_CALLS:
                self._frame_s = frame_s
            else:
                self._frame_s += _NEWEST * (frame_s - self._frame_s)
