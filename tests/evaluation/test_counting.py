import numpy as np
import pytest

from ovd.datasets.mot import TruthFrame
from ovd.domain.detections import Tracks
from ovd.domain.events import FrameResult, ZoneEventKind, ZoneTally
from ovd.domain.zones import LineZone, PolygonZone
from ovd.errors import TruthError
from ovd.evaluation.counting import CountEvaluator
from ovd.tracking.zone_file import ZoneTruth
from tests.builders import make_detections, make_frame

LINE = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))
HALL = PolygonZone("hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))


def box(left: float) -> tuple[float, float, float, float]:
    return (left, 0.0, left + 10, 20.0)


def truth_of(*lefts: float, free: tuple[float, ...] = ()) -> TruthFrame:
    boxes = [box(left) for left in (*lefts, *free)]
    return TruthFrame(
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
        np.arange(1, len(boxes) + 1),
        np.array([True] * len(lefts) + [False] * len(free), dtype=np.bool_),
    )


def result_of(index: int, *lefts: float, ids: list[int], confirmed: bool = True) -> FrameResult:
    found = make_detections(*[box(left) for left in lefts])
    tracks = Tracks(found, np.array(ids, dtype=np.int64), np.full(len(ids), confirmed))
    return FrameResult(make_frame(index), found, (), 0.1, tracks)


def test_counts_are_compared_in_labelled_frames_only():
    evaluator = CountEvaluator({0: truth_of(0, 30), 2: truth_of(0), 9: truth_of(0)})
    evaluator.add(result_of(0, 0, ids=[1]))
    evaluator.add(result_of(1, 0, 30, 60, ids=[1, 2, 3]))
    evaluator.add(result_of(2, 0, 30, 60, ids=[1, 2, 3]))

    report = evaluator.compare()

    assert (report.frames_compared, report.frames_labelled) == (2, 3)
    assert report.counts.mae == pytest.approx(1.5)
    assert report.counts.rmse == pytest.approx(2.5**0.5)
    assert report.counts.bias == pytest.approx(0.5)
    assert (report.true_unique, report.counted_unique) == (2, 3)


def test_tracks_that_are_confirmed_later_count_from_their_start():
    evaluator = CountEvaluator({0: truth_of(0)})
    evaluator.add(result_of(0, 0, 30, ids=[1, 2], confirmed=False))
    evaluator.add(result_of(1, 0, ids=[1]))

    report = evaluator.compare()

    assert (report.tracking.missed, report.tracking.false) == (0, 0)
    assert report.counted_unique == 1


def test_detections_in_ignore_regions_are_not_scored():
    evaluator = CountEvaluator({0: truth_of(0, free=(40,)), 1: truth_of(0, free=(40,))})
    evaluator.add(result_of(0, 0, 41, ids=[1, 2]))
    evaluator.add(result_of(1, 0, ids=[1]))

    report = evaluator.compare()

    assert report.counts.mae == 0
    assert report.tracking.mota == 1.0
    assert report.true_unique == 1


def test_frame_without_objects_counts_too():
    evaluator = CountEvaluator({0: truth_of()})
    evaluator.add(result_of(0, 5, ids=[1]))

    report = evaluator.compare()

    assert report.counts.bias == 1.0
    assert report.tracking.mota is None


def test_nothing_to_compare_is_an_error():
    evaluator = CountEvaluator({5: truth_of(0), 7: truth_of(0)})
    evaluator.add(result_of(0, 0, ids=[1]))

    with pytest.raises(TruthError, match=r"none of the 2 labelled frames was counted.* 5 to 7"):
        evaluator.compare()


def test_lines_are_compared_and_polygons_left_out():
    evaluator = CountEvaluator({0: truth_of(0)})
    evaluator.add(result_of(0, 0, ids=[1]))
    crossed = {ZoneEventKind.IN: 4, ZoneEventKind.OUT: 1}
    entered = {ZoneEventKind.ENTER: 2, ZoneEventKind.EXIT: 2}

    report = evaluator.compare(
        [ZoneTally(LINE, "p", crossed, None, None), ZoneTally(HALL, "p", entered, 0, 1.0)],
        [ZoneTruth(LINE, 5, None), ZoneTruth(HALL, None, None)],
    )

    (line,) = report.lines
    assert (line.name, line.true_in, line.counted_in) == ("door", 5, 4)
    assert (line.true_out, line.counted_out) == (None, 1)
