from dataclasses import replace

import numpy as np
import pytest

from ovd.domain.detections import Candidates, Detections
from ovd.domain.query import (
    ConditionSearch,
    RelationKind,
    RequiredGroup,
    RequiredRelation,
    RequiredState,
    StateKind,
)
from ovd.services.counting.judging.judge import Judge
from ovd.tracking.tracker import MotionTracker
from tests.builders import make_frame, make_query, make_vocabulary

FPS = 5.0
SIZE_HW = (480, 640)
UPRIGHT, FLAT, SEATED = (300.0, 150.0, 360.0, 330.0), (260.0, 280.0, 430.0, 335.0), (
    300.0, 215.0, 370.0, 330.0
)  # fmt: skip


def make_state_query(kind, for_s, name="person"):
    return replace(make_query(name), text=f"{name} {kind}", state=RequiredState(kind, for_s))


class Scene:
    """A run of one query; every box comes with the belief of one image."""

    def __init__(self, query, interval_s=1 / FPS):
        self.query = query
        search = make_vocabulary([make_query(query.prompts[0])])
        vocabulary = make_vocabulary([query])
        self.vocabulary = replace(vocabulary, search=search, plans=(ConditionSearch(0),))
        self.judge = Judge(MotionTracker, interval_s)
        self.interval_s = interval_s
        self.index = 0

    def show(self, *boxes, belief=1.0):
        count = len(boxes)
        candidates = Candidates(
            np.array(boxes, dtype=np.float32).reshape(-1, 4),
            np.full(count, 0.9, dtype=np.float32),
            np.zeros(count, dtype=np.int64),
            np.full(count, belief, dtype=np.float32),
        )
        found = replace(Detections.none(self.vocabulary.labels), candidates=candidates)
        frame = make_frame(self.index, self.index * self.interval_s, SIZE_HW)
        self.index += 1
        return self.judge.observe(frame, found, self.vocabulary)

    def play(self, box, seconds, belief=1.0):
        frames = round(seconds / self.interval_s)
        return [len(self.show(box, belief=belief).detections) for _ in range(frames)]


def moved(box, dx, dy=0.0):
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def test_a_fall_is_counted_after_its_duration_and_not_before():
    scene = Scene(make_state_query(StateKind.LYING, 2.0))
    scene.play(UPRIGHT, 3.0)

    counts = scene.play(FLAT, 6.0)

    first = counts.index(1) / FPS
    assert 2.0 <= first <= 5.0
    assert counts[-1] == 1


def test_who_lies_from_the_start_is_counted():
    assert Scene(make_state_query(StateKind.LYING, 2.0)).play(FLAT, 6.0)[-1] == 1


@pytest.mark.parametrize("box", [UPRIGHT, SEATED, (300.0, 240.0, 390.0, 330.0)])
def test_who_stands_sits_or_crouches_does_not_lie(box):
    scene = Scene(make_state_query(StateKind.LYING, 2.0))
    scene.play(UPRIGHT, 2.0)

    assert sum(scene.play(box, 8.0)) == 0


@pytest.mark.parametrize("box", [(200.0, 420.0, 400.0, 480.0), (440.0, 280.0, 640.0, 340.0)])
def test_a_person_cut_by_the_frame_is_unknown_and_not_lying(box):
    scene = Scene(make_state_query(StateKind.LYING, 2.0))
    shown = [scene.show(box) for _ in range(25)]

    assert [len(item.detections) for item in shown] == [0] * 25
    assert shown[-1].unknown == (1,)


def test_what_is_longer_than_people_who_stand_nearer_does_not_lie():
    scene = Scene(make_state_query(StateKind.LYING, 2.0))
    scene.play(UPRIGHT, 3.0)

    assert sum(scene.play((330.0, 20.0, 570.0, 120.0), 8.0)) == 0


def test_who_lies_too_short_yet_is_pending():
    scene = Scene(make_state_query(StateKind.LYING, 10.0))
    scene.play(UPRIGHT, 2.0)
    scene.play(FLAT, 5.0)

    assert scene.show(FLAT).pending == (1,)


def test_sitting_is_told_by_the_height_of_the_same_person():
    scene = Scene(make_state_query(StateKind.SITTING, 2.0))
    scene.play(UPRIGHT, 3.0)

    assert scene.play(SEATED, 6.0)[-1] == 1


def test_running_is_told_by_speed_in_heights():
    running, walking = (Scene(make_state_query(StateKind.RUNNING, 1.0)) for _ in range(2))
    fast = [len(running.show(moved(UPRIGHT, 80 * i - 250)).detections) for i in range(12)]
    slow = [len(walking.show(moved(UPRIGHT, 24 * i - 250)).detections) for i in range(12)]

    assert (fast[-1], sum(slow)) == (1, 0)


def test_standing_still_takes_its_time_and_ends_with_a_step():
    scene = Scene(make_state_query(StateKind.STILL, 5.0))

    assert scene.play(UPRIGHT, 4.8)[-1] == 0
    assert scene.play(UPRIGHT, 1.0)[-1] == 1
    assert scene.play(moved(UPRIGHT, 80.0), 1.0)[-1] == 0


def test_loitering_is_staying_within_a_few_steps():
    scene = Scene(make_state_query(StateKind.LOITERING, 10.0))
    counts = [len(scene.show(moved(UPRIGHT, 20 * np.sin(i / 6))).detections) for i in range(60)]

    assert (counts[40], counts[-1]) == (0, 1)


def test_a_car_that_stands_is_parked_and_one_that_drives_is_not():
    car = (100.0, 200.0, 220.0, 280.0)
    parked, driving = (Scene(make_state_query(StateKind.PARKED, 5.0, "car")) for _ in range(2))

    assert parked.play(car, 6.0)[-1] == 1
    assert sum(len(driving.show(moved(car, 9 * i)).detections) for i in range(40)) == 0


def test_a_bag_is_abandoned_once_nobody_has_been_near_for_long():
    bag = (300.0, 300.0, 340.0, 340.0)
    scene = Scene(make_state_query(StateKind.ABANDONED, 5.0, "suitcase"))

    assert sum(scene.play(bag, 8.0, belief=0.0)) == 0
    assert sum(scene.play(bag, 4.6)) == 0
    assert scene.play(bag, 1.0)[-1] == 1


def test_time_that_was_not_observed_never_completes_a_state():
    scene = Scene(make_state_query(StateKind.STILL, 5.0))
    scene.play(UPRIGHT, 4.0)
    scene.judge.forget()
    scene.index += 100

    assert sum(scene.play(UPRIGHT, 3.0)) == 0


def test_relations_are_judged_over_several_frames():
    relation = RequiredRelation(RelationKind.WEARS, ("helmet",), negated=True)
    scene = Scene(replace(make_query("person"), text="without", relations=(relation,)))
    scene.play(UPRIGHT, 2.0, belief=0.1)

    assert sum(scene.play(UPRIGHT, 0.2, belief=0.9)) == 0
    assert sum(scene.play(UPRIGHT, 1.0, belief=0.1)) == 0
    assert scene.play(UPRIGHT, 3.0, belief=0.9)[-1] == 1


def test_who_cannot_be_judged_is_unknown():
    relation = RequiredRelation(RelationKind.WEARS, ("helmet",), negated=True)
    scene = Scene(replace(make_query("person"), text="without", relations=(relation,)))

    judged = scene.show(UPRIGHT, belief=np.nan)

    assert (len(judged.detections), judged.unknown) == (0, (1,))


def test_groups_are_made_of_those_who_meet_the_conditions():
    query = make_state_query(StateKind.LYING, 1.0)
    scene = Scene(replace(query, group=RequiredGroup(2, near=False)))

    assert scene.play(FLAT, 4.0)[-1] == 0


def test_without_a_tracker_states_stay_pending():
    scene = Scene(make_state_query(StateKind.LYING, 1.0))
    scene.judge = Judge(None, 0.2)

    judged = [scene.show(FLAT) for _ in range(20)][-1]

    assert (len(judged.detections), judged.pending) == (0, (1,))


def test_the_same_frames_give_the_same_verdicts():
    def play():
        scene = Scene(make_state_query(StateKind.LYING, 2.0))
        return scene.play(UPRIGHT, 2.0) + scene.play(FLAT, 5.0)

    assert play() == play()


def test_something_far_too_small_to_be_a_person_at_its_place_does_not_lie():
    scene = Scene(make_state_query(StateKind.LYING, 2.0))
    scene.play(UPRIGHT, 3.0)
    small = (500.0, 315.0, 530.0, 330.0)

    assert sum(scene.play(small, 6.0)) == 0
