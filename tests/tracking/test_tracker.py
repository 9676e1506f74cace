from itertools import count

import numpy as np
import pytest

from ovd.domain.detections import Detections, Tracks
from ovd.tracking.tracker import MotionTracker
from tests.builders import make_detections, make_frame


def box(x: float, y: float = 20.0) -> tuple[float, float, float, float]:
    return (x, y, x + 8, y + 20)


def follow(frames: list[list[tuple]], interval_s: float = 0.5, times=None) -> list[Tracks]:
    tracker = MotionTracker(count(1), interval_s)
    moments = times or [interval_s * index for index in range(len(frames))]
    return [
        tracker.update(make_detections(*boxes), make_frame(index, time_s))
        for index, (boxes, time_s) in enumerate(zip(frames, moments, strict=True))
    ]


def ids(tracks: list[Tracks]) -> list[list[int]]:
    return [found.track_id.tolist() for found in tracks]


def test_walker_keeps_its_id_although_its_boxes_do_not_overlap():
    found = follow([[box(10.0 * step)] for step in range(6)])

    assert ids(found) == [[1]] * 6


def test_two_who_pass_each_other_keep_their_ids():
    found = follow([[box(4.0 * step), box(40 - 4.0 * step, 22)] for step in range(10)])

    assert ids(found)[-1] == [1, 2]


def test_object_counts_once_it_was_seen_long_enough():
    found = follow([[box(10)]] * 12, interval_s=0.1)

    assert [bool(tracks.confirmed[0]) for tracks in found].index(True) == 8
    slow = follow([[box(10)]] * 4, interval_s=1.0)
    assert [bool(tracks.confirmed[0]) for tracks in slow] == [False, False, True, True]


def test_short_absence_is_bridged():
    found = follow([[box(10)]] * 4 + [[]] * 3 + [[box(10)]])

    assert ids(found)[-1] == [1]


def test_long_absence_ends_a_track():
    found = follow([[box(10)]] * 4 + [[]] * 7 + [[box(10)]])

    assert ids(found)[-1] == [2]
    assert [tracks.ended for tracks in found if tracks.ended] == [(1,)]


def test_long_gap_ends_a_track_however_slow_the_sampling():
    found = follow([[box(10)]] * 5, times=[0, 0.5, 1.0, 1.5, 60.0])

    assert ids(found)[-1] == [2]
    assert found[-1].ended == (1,)


def test_time_that_runs_backwards_ends_every_track():
    found = follow([[box(10)]] * 5, times=[5.0, 5.5, 6.0, 6.5, 0.0])

    assert ids(found)[-1] == [2]


def test_slow_sampling_still_tracks():
    found = follow([[box(10 + step)] for step in range(5)], interval_s=5.0)

    assert ids(found)[-1] == [1]


def test_box_of_another_size_is_another_object():
    found = follow([[box(10)]] * 4 + [[(8, 0, 60, 48)]])

    assert ids(found)[-1] == [2]


def test_colours_separate_objects_that_are_close():
    red, blue = (200, 0, 0), (0, 0, 200)

    def halves(left, right):
        frame = make_frame(0)
        frame.image[:, :32], frame.image[:, 32:] = left, right
        return frame.image

    tracker = MotionTracker(count(1), 0.5)
    for index in range(4):
        frame = make_frame(index, 0.5 * index)
        frame.image[:] = halves(red, blue)
        tracker.update(make_detections(box(22), box(34)), frame)
    swapped = make_frame(4, 2.0)
    swapped.image[:] = halves(blue, red)

    found = tracker.update(make_detections(box(22), box(34)), swapped)

    assert found.track_id.tolist() == [2, 1]


def test_trackers_of_a_run_share_ids_and_nothing_else():
    shared = count(1)
    one, other = MotionTracker(shared, 0.5), MotionTracker(shared, 0.5)

    first = one.update(make_detections(box(10)), make_frame(0))
    second = other.update(make_detections(box(10)), make_frame(0))

    assert (first.track_id.tolist(), second.track_id.tolist()) == ([1], [2])
    assert follow([[box(10)]])[0].track_id.tolist() == [1]


def test_end_all_ends_every_track():
    tracker = MotionTracker(count(1), 0.5)
    tracker.update(make_detections(box(10), box(40)), make_frame(0))

    assert tracker.end_all() == (1, 2)
    assert tracker.end_all() == ()


@pytest.mark.parametrize("boxes", [[], [(0, 0, 0, 0)], [(63.5, 47.5, 64, 48)]])
def test_empty_and_tiny_boxes_are_tracked(boxes):
    for tracks in follow([boxes] * 4):
        assert len(tracks) == len(boxes)


def test_ids_are_unique_in_a_frame_however_many_boxes_there_are():
    rng = np.random.default_rng(0)
    tracker = MotionTracker(count(1), 0.5)
    for index in range(5):
        corner = rng.uniform(0, 40, (60, 2)).astype(np.float32)
        xyxy = np.hstack([corner, corner + 8])
        found = Detections(xyxy, np.full(60, 0.5, np.float32), np.zeros(60, np.int64), ("person",))

        tracks = tracker.update(found, make_frame(index, 0.5 * index))

        assert len(tracks) == 60
