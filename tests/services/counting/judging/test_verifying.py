from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.domain.ports.judging import Verification
from ovd.services.counting.judging.judge import Judged
from ovd.services.counting.judging.verifying import CROP_SIDE, TrackVerifier, cut_square
from ovd.services.counting.service import CountService, DetectionConfig
from ovd.tracking.tracker import MotionTracker
from tests.builders import make_detections, make_frame, make_query, make_vocabulary
from tests.fakes import FakeDetector, FixedClock, ListSource, MemoryStore

FPS = 5.0
SIZE_HW = (200, 800)
LEFT, MIDDLE, RIGHT = (
    (20.0, 40.0, 80.0, 160.0),
    (320.0, 40.0, 380.0, 160.0),
    (620.0, 40.0, 680.0, 160.0),
)


class StubJudge:
    """Knows an answer by the brightness of the middle of a crop."""

    name = "stub"
    default_min_score = 0.5

    def __init__(self, clock: FixedClock | None = None, cost_s: float = 0.0) -> None:
        self.asked: list[str] = []
        self._clock, self._cost_s = clock, cost_s

    def judge(self, crops: Sequence[Image], texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        if self._clock is not None:
            self._clock.advance(self._cost_s * len(crops))
        bright = [crop[crop.shape[0] // 2, crop.shape[1] // 2, 0] > 100 for crop in crops]
        return np.array([0.9 if is_bright else 0.1 for is_bright in bright], dtype=np.float32)


class Scene:
    """Frames with bright and dark boxes, all found as persons by the detector."""

    def __init__(self, judge: StubJudge, queries=("person",), live=False, **values) -> None:
        self.vocabulary = make_vocabulary([make_query(text) for text in queries])
        self.clock = judge._clock or FixedClock()
        self.verifier = TrackVerifier(
            Verification(judge, 0.5, **values),
            MotionTracker,
            1 / FPS,
            self.clock.monotonic,
            live,
        )
        self.index = 0

    def show(self, *boxes, bright=()):
        frame = make_frame(self.index, self.index / FPS, SIZE_HW)
        frame.image[:] = 0
        for x0, y0, x1, y1 in bright:
            frame.image[int(y0) : int(y1), int(x0) : int(x1)] = 200
        self.index += 1
        labels = self.vocabulary.labels
        every = [(box, label) for label in range(len(labels)) for box in boxes]
        found = make_detections(
            *(box for box, _ in every), labels=labels, label_id=[label for _, label in every]
        )
        nothing = (0,) * len(labels)
        return self.verifier.observe(frame, Judged(found, nothing, nothing), self.vocabulary)


def test_judge_decides_which_tracks_count():
    scene = Scene(StubJudge(), per_s=20)
    scene.show(LEFT, RIGHT, bright=[LEFT])
    judged = scene.show(LEFT, RIGHT, bright=[LEFT])

    np.testing.assert_array_equal(judged.detections.xyxy, [LEFT])
    assert judged.pending == (0,)


def test_score_is_the_geometric_mean_of_detector_and_judge():
    judged = Scene(StubJudge(), per_s=20).show(LEFT, bright=[LEFT])

    assert judged.detections.score[0] == pytest.approx((0.9 * 0.9) ** 0.5)


def test_what_is_not_judged_yet_is_pending_and_not_counted():
    judged = Scene(StubJudge(), per_s=5).show(LEFT, MIDDLE, RIGHT, bright=[LEFT, MIDDLE, RIGHT])

    assert (len(judged.detections), judged.pending) == (1, (2,))


@pytest.mark.parametrize("per_s", [1, 5])
def test_budget_is_kept(per_s):
    judge = StubJudge()
    scene = Scene(judge, per_s=per_s, again_s=0.1)
    for _ in range(50):
        scene.show(LEFT, MIDDLE, RIGHT)

    assert len(judge.asked) == pytest.approx(per_s * 50 / FPS, abs=per_s + 1)


def test_new_track_is_judged_before_an_old_one_again():
    judge = StubJudge()
    scene = Scene(judge, per_s=1, again_s=1)
    for _ in range(20):
        scene.show(LEFT, bright=[LEFT, RIGHT])
    for _ in range(6):
        judged = scene.show(LEFT, RIGHT, bright=[LEFT, RIGHT])

    assert len(judged.detections) == 2


def test_judgement_is_kept_for_the_track_and_asked_again_on_schedule():
    judge = StubJudge()
    scene = Scene(judge, per_s=20, again_s=4)
    for _ in range(26):
        scene.show(LEFT, bright=[LEFT])

    # At the start, a second later, and after four more.
    assert len(judge.asked) == 3


def test_each_query_is_judged_by_its_own_text():
    judge = StubJudge()
    Scene(judge, ("person", "person with a bag"), per_s=20).show(LEFT)
    scene = Scene(judge, ("person", "person with a bag"), per_s=20)
    for _ in range(3):
        scene.show(LEFT)

    assert set(judge.asked) == {"person", "person with a bag"}


def test_nothing_is_known_after_a_gap():
    scene = Scene(StubJudge(), per_s=1)
    scene.show(LEFT, bright=[LEFT])
    scene.verifier.forget()

    assert scene.show(LEFT, bright=[LEFT]).pending == (1,)


def test_judge_slower_than_its_budget_is_asked_less_and_told():
    judge = StubJudge(FixedClock(), cost_s=0.5)
    scene = Scene(judge, live=True, per_s=20, again_s=0.1)
    for _ in range(50):
        scene.show(LEFT, MIDDLE, RIGHT)

    status = scene.verifier.status
    assert "takes 500 ms; 1.0 tracks are judged per second instead of 20" in status.note
    assert status.is_slow
    assert len(judge.asked) <= 1 + 50 / FPS + 1


def test_judge_whose_budget_is_too_small_is_behind():
    scene = Scene(StubJudge(), per_s=0.1)
    for _ in range(30):
        scene.show(LEFT, MIDDLE, RIGHT)

    status = scene.verifier.status
    assert (status.pending, status.is_behind, status.is_slow) == (2, True, False)
    assert "2 objects are not judged yet, the oldest for 6 s" in status.note


def test_judge_that_keeps_up_has_nothing_to_tell(caplog):
    scene = Scene(StubJudge(), per_s=20)
    for _ in range(30):
        scene.show(LEFT, RIGHT)

    status = scene.verifier.status
    assert (status.name, status.judged > 2, status.pending, status.note) == ("stub", True, 0, "")
    assert not caplog.records


def test_crop_has_context_and_is_square():
    image = np.full((*SIZE_HW, 3), 9, dtype=np.uint8)

    crop = cut_square(image, LEFT)
    large = cut_square(image, (0.0, 0.0, 800.0, 200.0))

    assert crop.shape == (168, 168, 3)
    assert large.shape == (CROP_SIDE, CROP_SIDE, 3)
    assert (crop[:, :30] == 127).all()


def test_run_counts_what_the_judge_confirms_and_records_it():
    store, clock = MemoryStore(), FixedClock()
    judge = StubJudge()
    config = DetectionConfig(verification=Verification(judge, 0.4, per_s=100.0))
    service = CountService(FakeDetector(), store, clock, make_tracker=MotionTracker, config=config)
    frames = [make_frame(3, index / 10) for index in range(5)]
    with service.open_run(ListSource(frames), "gate", [make_query()]) as run:
        results = list(run)

    assert run.run.detector == "fake+stub@0.4"
    assert run.judge_status.judged >= 2
    assert [result.counts[0].count for result in results] == [0] * 5
    assert results[0].counts[0].pending == 2
    assert results[-1].counts[0].pending == 0
