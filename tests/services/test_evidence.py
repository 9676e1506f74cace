from dataclasses import replace

import cv2
import numpy as np
import pytest

from ovd.domain.cameras import Camera
from ovd.domain.events import FrameResult
from ovd.domain.records import EvidenceImage, Run, RunStatus
from ovd.errors import InputError
from ovd.services.counting.service import CountService
from ovd.services.events import EventHub, FrameCounted, RunEnded
from ovd.services.evidence import (
    CROP_PX,
    FRAME_PX,
    MOST_CROPS,
    VIEWS,
    EvidenceRecorder,
    PersonConcealer,
)
from tests.builders import START, make_frame, make_query, make_result
from tests.fakes import FakeDetector, FakeReader, FixedClock, ListSource, MemoryStore

RUN = Run(7, Camera(1, "gate", "list", START), "fake", "0" * 64, START, None, RunStatus.RUNNING)


class ListSink:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.stored: list[tuple[EvidenceImage, bytes]] = []

    def put(self, image: EvidenceImage, jpeg: bytes) -> None:
        self.stored.append((image, jpeg))

    @property
    def frames(self) -> list[tuple[str, int]]:
        return sorted({(image.query, image.frame_index) for image, _ in self.stored})

    def image(self, place: int = 0) -> np.ndarray:
        coded = np.frombuffer(self.stored[place][1], dtype=np.uint8)
        return cv2.cvtColor(cv2.imdecode(coded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@pytest.fixture
def sink() -> ListSink:
    return ListSink()


def result_at(second: int, counts: dict[str, int], score: float = 0.9) -> FrameResult:
    return make_result(make_frame(second, float(second)), counts, score=score)


def test_frame_with_the_highest_count_is_kept_for_each_stretch(sink):
    recorder = EvidenceRecorder(sink, VIEWS["crops"], every_s=10.0)

    for second in range(25):
        recorder.handle(
            FrameCounted(RUN, 1, result_at(second, {"person": 3 if second in (4, 17) else 1}))
        )
    recorder.handle(RunEnded(RUN, RunStatus.DONE, ""))

    assert sink.frames == [("person", 4), ("person", 17), ("person", 20)]
    assert [image.number for image, _ in sink.stored] == [0, 1, 2, 0, 1, 2, 0]


def test_each_query_is_kept_by_itself_and_zero_is_not(sink):
    recorder = EvidenceRecorder(sink, VIEWS["crops"])

    recorder.handle(FrameCounted(RUN, 1, result_at(0, {"person": 1, "car": 0})))
    recorder.handle(FrameCounted(RUN, 1, result_at(1, {"person": 1, "car": 2})))
    recorder.handle(RunEnded(RUN, RunStatus.DONE, ""))

    assert sink.frames == [("car", 1), ("person", 0)]


def test_image_tells_which_count_it_shows(sink):
    recorder = EvidenceRecorder(sink, VIEWS["crops"])

    recorder.handle(FrameCounted(RUN, 1, result_at(5, {"person": 1})))
    recorder.handle(RunEnded(RUN, RunStatus.DONE, ""))

    ((image, _),) = sink.stored
    assert (image.camera, image.run_id, image.captured_at) == (
        "gate",
        7,
        make_frame(5, 5.0).captured_at,
    )
    assert image.score == pytest.approx(0.9)


def test_runs_do_not_share_their_stretches(sink):
    recorder = EvidenceRecorder(sink, VIEWS["crops"])
    other = replace(RUN, id=8)

    recorder.handle(FrameCounted(RUN, 1, result_at(0, {"person": 2})))
    recorder.handle(FrameCounted(other, 1, result_at(1, {"person": 1})))
    recorder.handle(RunEnded(other, RunStatus.DONE, ""))
    recorder.handle(RunEnded(RUN, RunStatus.DONE, ""))

    assert [(image.run_id, image.frame_index) for image, _ in sink.stored] == [
        (8, 1),
        (7, 0),
        (7, 0),
    ]


def test_crops_are_small_and_not_too_many(sink):
    frame = make_frame(3, size_hw=(1080, 1920))
    recorder = EvidenceRecorder(sink, VIEWS["crops"])

    result = make_result(frame, {"person": 20})
    result.detections.xyxy[:] = (100, 50, 700, 1000)
    recorder.handle(FrameCounted(RUN, 1, result))
    recorder.handle(RunEnded(RUN, RunStatus.DONE, ""))

    assert len(sink.stored) == MOST_CROPS
    assert max(sink.image().shape) == CROP_PX
    assert len(sink.stored[0][1]) < 10_000


def test_frames_are_kept_small_with_the_objects_marked(sink):
    frame = make_frame(3, size_hw=(1080, 1920))
    recorder = EvidenceRecorder(sink, VIEWS["frames"])

    result = make_result(frame, {"person": 1, "car": 1})
    result.detections.xyxy[:] = (600, 300, 1200, 900)
    recorder.handle(FrameCounted(RUN, 1, result))
    recorder.handle(RunEnded(RUN, RunStatus.DONE, ""))

    image = sink.image()
    assert len(sink.stored) == 2
    assert max(image.shape) == FRAME_PX
    assert np.ptp(image[150, 140:160].astype(int)) > 40
    assert (frame.image == 3).all()


def test_people_are_concealed_whatever_is_counted(sink):
    frame = make_frame(1, size_hw=(96, 128))
    frame.image[:, :64] = np.random.default_rng(0).integers(0, 255, (96, 64, 3), dtype=np.uint8)
    frame.image[0, 0] = 1  # the fake finds one person, at (0, 0, 8, 16)
    result = make_result(frame, {"car": 1})
    result.detections.xyxy[:] = (0, 0, 60, 90)
    conceal = PersonConcealer(FakeDetector(), FakeReader(), "persons")

    EvidenceRecorder(sink, VIEWS["crops"], conceal).handle(FrameCounted(RUN, 1, result))
    concealed = conceal(frame.image)

    assert len(np.unique(concealed[:16, :8].reshape(-1, 3), axis=0)) <= 36
    assert (concealed[20:, 10:] == frame.image[20:, 10:]).all()


def test_concealing_needs_a_detector_that_finds_people():
    class Blind(FakeReader):
        def read(self, text, min_score=None):
            return super().read("helmet", min_score)

    with pytest.raises(InputError, match="does not find people"):
        PersonConcealer(FakeDetector(), Blind(), "faces")


def test_frames_and_end_of_a_run_reach_the_recorder(sink):
    recorder, hub = EvidenceRecorder(sink, VIEWS["crops"]), EventHub()
    hub.subscribe("evidence", recorder.handle)
    service = CountService(FakeDetector(), MemoryStore(), FixedClock(), hub)
    source = ListSource([make_frame(index) for index in range(5)])

    with service.open_run(source, "gate", [make_query("person")]) as run:
        list(run)
    hub.close()

    assert sink.frames == [("person", 4)]
    assert len(sink.stored) == 4
