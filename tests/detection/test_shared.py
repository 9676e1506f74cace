import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ovd.detection.shared import MAX_BATCH, SharedDetector
from ovd.errors import ImageError
from tests.builders import make_query
from tests.fakes import FakeDetector, FixedClock

PERSON, CAR = make_query("person"), make_query("car")
WAIT_S = 10.0


def picture(count):
    """One in which the fake detector finds `count` objects of every label."""
    return np.full((8, 8, 3), count, dtype=np.uint8)


class GatedDetector(FakeDetector):
    """Remembers its batches; waits in each call until the test lets it through."""

    def __init__(self, clock=None):
        super().__init__()
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
        if any(image[0, 0, 0] == 13 for image in images):
            raise ImageError("an unlucky picture")
        return super().detect(images, vocabulary)


class Yard:
    """Camera threads that ask one detector, in the order the test sends them."""

    def __init__(self, clock=None):
        self.detector = GatedDetector(clock)
        self.shared = SharedDetector(self.detector, clock or FixedClock())
        self.persons = self.shared.encode([PERSON])
        self._pool = ThreadPoolExecutor(16)

    def ask(self, count, vocabulary=None):
        return self._pool.submit(self.shared.detect, [picture(count)], vocabulary or self.persons)

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
    futures = [yard.ask(count) for count in range(1, MAX_BATCH + 2)]
    yard.wait_until_waiting(MAX_BATCH + 1)

    yard.detector.gate.release(3)

    for future in (first, *futures):
        future.result(WAIT_S)
    assert [len(batch) for batch in yard.detector.batches] == [1, MAX_BATCH, 1]


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


def test_picture_that_fails_troubles_its_own_camera_only(yard):
    first = yard.occupy()
    good, bad = yard.ask(2), yard.ask(13)
    yard.wait_until_waiting(2)

    yard.detector.gate.release(4)

    assert len(good.result(WAIT_S)[0]) == 2
    with pytest.raises(ImageError, match="unlucky"):
        bad.result(WAIT_S)
    assert len(first.result(WAIT_S)[0]) == 0


def test_detector_is_called_from_one_thread_whoever_asks():
    # Libraries keep memory and worker threads for each thread that calls them.
    yard = Yard()
    yard.detector.gate.release(100)

    for count in range(4):
        with ThreadPoolExecutor(1) as camera:
            camera.submit(yard.shared.detect, [picture(count)], yard.persons).result(WAIT_S)
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
        yard.shared.detect([picture(1)], yard.persons)
        speeds.append(yard.shared.frames_per_s)
    yard.close()

    assert speeds[0] is None
    assert speeds[-1] == pytest.approx(10.0)
