import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ovd.detection.batch_size import SIZES
from ovd.detection.shared import SharedDetector
from ovd.errors import DetectorClosedError, ImageError
from tests.builders import make_query
from tests.fakes import FakeDetector, FixedClock

PERSON, CAR = make_query("person"), make_query("car")
WAIT_S = 10.0


def make_image(count):
    """An image in which the fake detector finds `count` objects of every label."""
    return np.full((8, 8, 3), count, dtype=np.uint8)


class GatedDetector(FakeDetector):
    """Remembers its batches; waits in each call until the test lets it through."""

    def __init__(self, clock=None):
        super().__init__()
        self.errors = {13: ImageError("an unlucky image")}
        self.short_of_memory = 0
        self.batches = []
        self.callers = set()
        self.entered = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self._clock = clock

    def detect(self, images, vocabulary):
        self.batches.append([int(image[0, 0, 0]) for image in images])
        self.callers.add(threading.current_thread().name)
        self.entered.release()
        assert self.gate.acquire(timeout=WAIT_S)
        if self._clock is not None:
            self._clock.advance(0.1 * len(images))
        if len(images) > 1 and self.short_of_memory:
            self.short_of_memory -= 1
            raise MemoryError("no room for so many images")
        for image in images:
            if int(image[0, 0, 0]) in self.errors:
                raise self.errors[int(image[0, 0, 0])]
        return super().detect(images, vocabulary)


class Yard:
    """Camera threads that ask one detector, in the order the test sends them."""

    def __init__(self, clock=None):
        self.detector = GatedDetector(clock)
        self.shared = SharedDetector(self.detector, clock or FixedClock())
        self.persons = self.shared.encode([PERSON])
        self._pool = ThreadPoolExecutor(16)

    def ask(self, count, vocabulary=None):
        return self._pool.submit(
            self.shared.detect, [make_image(count)], vocabulary or self.persons
        )

    def occupy(self):
        """Keep the detector busy, so that what is asked for next has to wait."""
        future = self.ask(0)
        assert self.detector.entered.acquire(timeout=WAIT_S)
        return future

    def wait_until_waiting(self, count):
        """Return once so many requests wait for the busy detector."""
        while len(self.shared._waiting) < count:
            threading.Event().wait(0.001)

    def close(self):
        self.detector.gate.release(100)
        self.shared.close()
        self._pool.shutdown()


@pytest.fixture
def yard():
    made = Yard()
    yield made
    made.close()


def test_frames_that_wait_are_looked_at_together_and_each_camera_gets_its_own(yard):
    first = yard.occupy()
    futures = [yard.ask(count) for count in (1, 2, 3)]
    yard.wait_until_waiting(3)

    yard.detector.gate.release(2)

    assert [len(future.result(WAIT_S)[0]) for future in (first, *futures)] == [0, 1, 2, 3]
    assert [sorted(batch) for batch in yard.detector.batches] == [[0], [1, 2, 3]]


def test_batch_is_no_larger_than_what_makes_it_faster(yard):
    first = yard.occupy()
    futures = [yard.ask(count) for count in range(1, SIZES[0] + 2)]
    yard.wait_until_waiting(SIZES[0] + 1)

    yard.detector.gate.release(3)

    for future in (first, *futures):
        future.result(WAIT_S)
    assert [len(batch) for batch in yard.detector.batches] == [1, SIZES[0], 1]


def test_cameras_that_look_for_other_things_are_not_mixed(yard):
    cars = yard.shared.encode([CAR])
    first = yard.occupy()
    others = [yard.ask(1), yard.ask(2, cars), yard.ask(3)]
    yard.wait_until_waiting(3)

    yard.detector.gate.release(3)

    assert [future.result(WAIT_S)[0].labels for future in (first, *others)] == [
        ("person",),
        ("person",),
        ("car",),
        ("person",),
    ]
    assert len(yard.detector.batches) == 3


@pytest.mark.parametrize(
    "error", [ImageError("an unlucky image"), RuntimeError("a bug"), SystemExit(1)]
)
@pytest.mark.parametrize("counts", [(2, 13, 4), (13, 2, 4)])
def test_image_that_fails_fails_its_own_camera_only(yard, error, counts):
    yard.detector.errors[13] = error
    first = yard.occupy()
    futures = {}
    for place, count in enumerate(counts):
        futures[count] = yard.ask(count)
        yard.wait_until_waiting(place + 1)

    yard.detector.gate.release(5)

    assert len(futures[2].result(WAIT_S)[0]) == 2
    assert len(futures[4].result(WAIT_S)[0]) == 4
    assert futures[13].exception(WAIT_S) is error
    assert len(first.result(WAIT_S)[0]) == 0
    assert yard.shared._waiting == []


def test_batch_that_is_too_large_for_the_memory_is_looked_at_one_by_one(yard):
    yard.detector.short_of_memory = 1
    first = yard.occupy()
    futures = [yard.ask(count) for count in (1, 2, 3)]
    yard.wait_until_waiting(3)

    yard.detector.gate.release(5)

    assert [len(future.result(WAIT_S)[0]) for future in (first, *futures)] == [0, 1, 2, 3]


def test_detector_that_answers_too_little_is_an_error_and_no_empty_frame(yard):
    yard.detector.gate.release(100)
    yard.detector.detect = lambda images, vocabulary: []

    with pytest.raises(AssertionError, match="0 results for 1 images"):
        yard.shared.detect([make_image(1)], yard.persons)


def test_thread_that_died_is_started_again_and_answers(yard, monkeypatch):
    yard.detector.gate.release(100)
    take = yard.shared._take_batch
    failures = iter([RuntimeError("a bug in gathering")])

    def fail_once():
        for error in failures:
            raise error
        return take()

    monkeypatch.setattr(yard.shared, "_take_batch", fail_once)

    found = yard.shared.detect([make_image(3)], yard.persons)

    (thread,) = yard.shared.threads
    assert len(found[0]) == 3
    assert (thread.good, thread.failures) == (True, 1)
    assert thread.last_failure == "RuntimeError: a bug in gathering"


def test_closed_detector_leaves_no_camera_waiting(yard):
    first = yard.occupy()
    waiting = yard.ask(1)
    yard.wait_until_waiting(1)

    with ThreadPoolExecutor(1) as closer:
        closing = closer.submit(yard.shared.close)
        with pytest.raises(DetectorClosedError):
            waiting.result(WAIT_S)
        yard.detector.gate.release(1)
        closing.result(WAIT_S)

    assert len(first.result(WAIT_S)[0]) == 0
    with pytest.raises(DetectorClosedError):
        yard.shared.detect([make_image(1)], yard.persons)


def test_detector_is_called_from_one_thread_whoever_asks():
    # Libraries keep memory and worker threads for each thread that calls them.
    yard = Yard()
    yard.detector.gate.release(100)

    for count in range(4):
        with ThreadPoolExecutor(1) as camera:
            camera.submit(yard.shared.detect, [make_image(count)], yard.persons).result(WAIT_S)
    yard.close()

    assert len(yard.detector.callers) == 1


def test_equal_queries_share_a_vocabulary():
    shared = SharedDetector(FakeDetector(), FixedClock())

    assert shared.encode([PERSON]) is shared.encode((make_query("person"),))
    assert shared.encode([PERSON]) is not shared.encode([CAR])


def test_speed_is_known_after_a_few_frames():
    clock = FixedClock()
    yard = Yard(clock)
    yard.detector.gate.release(100)

    speeds = []
    for _ in range(5):
        yard.shared.detect([make_image(1)], yard.persons)
        speeds.append(yard.shared.frames_per_s)
    yard.close()

    assert speeds[0] is None
    assert speeds[-1] == pytest.approx(10.0)
