import pickle
from dataclasses import replace

import numpy as np
import pytest

from ovd.detection.relations import RelationDetector
from ovd.domain.detections import Detections
from ovd.domain.query import (
    RelationKind,
    RequiredGroup,
    RequiredRelation,
    RequiredState,
    StateKind,
)
from ovd.errors import VocabularyMismatchError
from tests.builders import make_query
from tests.fakes import FakeDetector

SIZE_HW = (400, 600)
LEFT, RIGHT = (100.0, 100.0, 180.0, 340.0), (300.0, 100.0, 380.0, 340.0)
HELMET_OF_LEFT = (120.0, 98.0, 160.0, 138.0)
BARE_HEAD_OF_RIGHT = (320.0, 100.0, 360.0, 145.0)


class Scene(FakeDetector):
    """Finds the boxes of a scene: name -> boxes; every score is the same."""

    def __init__(self, boxes, score=0.8):
        super().__init__()
        self.boxes, self.score, self.searched = boxes, score, []

    def detect(self, images, vocabulary):
        self.searched.append(vocabulary.queries)
        found = [
            (box, label_id)
            for label_id, query in enumerate(vocabulary.queries)
            for prompt in query.prompts
            for box in self.boxes.get(prompt, ())
        ]
        return [
            Detections(
                np.array([box for box, _ in found], dtype=np.float32).reshape(-1, 4),
                np.full(len(found), self.score, dtype=np.float32),
                np.array([label_id for _, label_id in found], dtype=np.int64),
                vocabulary.labels,
            )
            for _ in images
        ]


def make_relation_query(kind, name, negated=False, opposites=(), text="asked", subject="person"):
    relation = RequiredRelation(kind, (name,), negated, opposites=opposites)
    return replace(make_query(subject), text=text, relations=(relation,))


WITH = make_relation_query(RelationKind.WEARS, "safety helmet", False, ("bare head",), "with")
WITHOUT = make_relation_query(RelationKind.WEARS, "safety helmet", True, ("bare head",), "without")


def detect(queries, boxes, size_hw=SIZE_HW):
    detector = RelationDetector(Scene(boxes))
    image = np.zeros((*size_hw, 3), dtype=np.uint8)
    return detector.detect([image], detector.encode(queries))[0]


def boxes_of(found, label_id=0):
    return sorted(map(tuple, found.of_label(label_id).xyxy.tolist()))


def test_who_wears_it_and_who_does_not_are_told_apart():
    scene = {
        "person": [LEFT, RIGHT],
        "safety helmet": [HELMET_OF_LEFT],
        "bare head": [BARE_HEAD_OF_RIGHT],
    }

    found = detect([WITH, WITHOUT], scene)

    assert (boxes_of(found, 0), boxes_of(found, 1)) == ([LEFT], [RIGHT])


def test_a_person_too_small_to_judge_is_unknown_and_no_violation():
    small = (100.0, 100.0, 118.0, 150.0)
    found = detect([WITHOUT], {"person": [small]})

    assert len(found) == 0
    assert found.candidates.count_unknown(0) == 1


def test_a_head_outside_the_frame_is_unknown():
    cut = (100.0, 0.0, 190.0, 240.0)
    found = detect([WITHOUT], {"person": [cut]})

    assert (len(found), found.candidates.count_unknown(0)) == (0, 1)


def test_one_helmet_is_worn_by_one_person():
    neighbour = (140.0, 100.0, 220.0, 340.0)
    found = detect([WITH], {"person": [LEFT, neighbour], "safety helmet": [HELMET_OF_LEFT]})

    assert len(found) == 1


def test_a_rider_is_above_a_bicycle_and_one_beside_it_is_not():
    bicycle = (80.0, 220.0, 210.0, 370.0)
    riding = make_relation_query(RelationKind.RIDES, "bicycle")

    assert boxes_of(detect([riding], {"person": [LEFT, RIGHT], "bicycle": [bicycle]})) == [LEFT]


def test_who_stands_on_a_board_rides_it():
    board = (100.0, 325.0, 190.0, 352.0)
    riding = make_relation_query(RelationKind.RIDES, "skateboard")

    assert boxes_of(detect([riding], {"person": [LEFT, RIGHT], "skateboard": [board]})) == [LEFT]


def test_a_bicycle_without_a_rider_is_the_one_nobody_is_on():
    ridden, alone = (80.0, 220.0, 210.0, 370.0), (400.0, 220.0, 530.0, 370.0)
    query = make_relation_query(RelationKind.RIDDEN_BY, "person", True, subject="bicycle")

    assert boxes_of(detect([query], {"person": [LEFT], "bicycle": [ridden, alone]})) == [alone]


def test_relations_by_fixed_rules_hold_where_boxes_say_so():
    car = (60.0, 60.0, 260.0, 400.0)
    inside = make_relation_query(RelationKind.IN, "car", text="in")
    beside = make_relation_query(RelationKind.NEXT_TO, "dog", text="beside")
    scene = {"person": [LEFT, RIGHT], "car": [car], "dog": [(385.0, 280.0, 450.0, 345.0)]}

    found = detect([inside, beside], scene)

    assert (boxes_of(found, 0), boxes_of(found, 1)) == ([LEFT], [RIGHT])


def test_a_state_is_not_decided_in_one_image():
    query = replace(make_query("person"), state=RequiredState(StateKind.SITTING, 2.0))
    found = detect([query], {"person": [LEFT]})

    assert (len(found), len(found.candidates)) == (0, 1)


def test_a_bag_with_a_person_near_is_not_abandoned():
    query = replace(make_query("suitcase"), state=RequiredState(StateKind.ABANDONED, 30.0))
    bags = [(190.0, 300.0, 230.0, 340.0), (560.0, 10.0, 590.0, 40.0)]
    found = detect([query], {"person": [LEFT], "suitcase": bags})

    assert found.candidates.belief.tolist() == [0.0, 1.0]


def test_a_crowd_is_one_object_around_its_members():
    query = replace(make_query("person"), text="crowd", group=RequiredGroup(5, near=True))
    people = [(x, 100.0, x + 40.0, 220.0) for x in (10.0, 60.0, 110.0, 160.0, 210.0)]
    found = detect([query], {"person": [*people, (500.0, 100.0, 540.0, 220.0)]})

    assert boxes_of(found) == [(10.0, 100.0, 250.0, 220.0)]


def test_a_number_of_objects_counts_where_enough_are_seen():
    query = replace(make_query("person"), text="two people", group=RequiredGroup(2, near=False))

    assert len(detect([query], {"person": [LEFT]})) == 0
    assert len(detect([query], {"person": [LEFT, RIGHT]})) == 2


def test_the_same_search_is_made_once():
    scene = Scene({"person": [LEFT]})
    detector = RelationDetector(scene)
    vocabulary = detector.encode([WITH, WITHOUT, make_query("person")])
    detector.detect([np.zeros((*SIZE_HW, 3), dtype=np.uint8)], vocabulary)

    assert [query.prompts for query in scene.searched[0]] == [
        ("person",), ("safety helmet",), ("bare head",)
    ]  # fmt: skip


def test_queries_without_conditions_are_passed_on():
    scene = Scene({"person": [LEFT]})
    vocabulary = RelationDetector(scene).encode([make_query("person")])

    assert vocabulary.search is None


def test_a_copied_vocabulary_finds_the_same():
    detector = RelationDetector(Scene({"person": [LEFT, RIGHT], "bicycle": [LEFT]}))
    vocabulary = detector.encode([make_relation_query(RelationKind.RIDES, "bicycle")])
    image = np.zeros((*SIZE_HW, 3), dtype=np.uint8)
    copied = pickle.loads(pickle.dumps(vocabulary))  # noqa: S301

    assert boxes_of(detector.detect([image], copied)[0]) == boxes_of(
        detector.detect([image], vocabulary)[0]
    )


def test_a_vocabulary_that_leaves_conditions_out_is_refused():
    detector = RelationDetector(Scene({}))
    made_elsewhere = Scene({}).encode([WITHOUT])

    with pytest.raises(VocabularyMismatchError):
        detector.detect([np.zeros((*SIZE_HW, 3), dtype=np.uint8)], made_elsewhere)


class OnlyUpright(Scene):
    """Finds a person only in views in which one stands: one on the left, turned once."""

    def detect(self, images, vocabulary):
        return [
            Detections(
                np.array([LEFT if image.shape[0] > image.shape[1] else RIGHT], dtype=np.float32),
                np.array([0.8], dtype=np.float32),
                np.zeros(1, dtype=np.int64),
                vocabulary.labels,
            )
            for image in images
        ]


def test_people_who_lie_are_found_in_turned_views():
    query = replace(make_query("person"), state=RequiredState(StateKind.LYING, 2.0))
    detector = RelationDetector(OnlyUpright({}))
    image = np.zeros((*SIZE_HW, 3), dtype=np.uint8)
    candidates = detector.detect([image], detector.encode([query]))[0].candidates

    # A point (x, y) of the views is (600 - y, x) of the image, and (y, 400 - x).
    assert sorted(map(tuple, candidates.xyxy.tolist())) == [
        (100.0, 220.0, 340.0, 300.0), (260.0, 100.0, 500.0, 180.0), RIGHT
    ]  # fmt: skip
