import pytest

from ovd.domain.detections import Detections
from ovd.errors import DatasetError
from ovd.evaluation.coco_metrics import (
    Role,
    ScoredImage,
    TruthBox,
    average_precision,
    best_per_image,
    best_per_label,
    mean_of,
)
from tests.builders import make_detections

Box = tuple[float, float, float, float]
HERE: Box = (0, 0, 20, 20)
THERE: Box = (100, 0, 150, 50)
NOWHERE: Box = (200, 200, 240, 240)
BIG: Box = (0, 100, 200, 300)


def truth(*boxes: Box, label: str = "person", role: Role = Role.OBJECT) -> tuple[TruthBox, ...]:
    return tuple(TruthBox(label, box, role) for box in boxes)


def image(boxes: tuple[TruthBox, ...], *found: Box, score: list[float]) -> ScoredImage:
    return ScoredImage(boxes, make_detections(*found, score=score))


def test_average_precision_of_perfect_detections_is_one():
    scores = average_precision(
        [image(truth(HERE, THERE), HERE, THERE, score=[0.9, 0.8])], ["person"]
    )

    assert scores.ap == pytest.approx(1.0)
    assert scores.ap50 == pytest.approx(1.0)


def test_average_precision_equals_the_hand_computed_area_at_101_recall_points():
    found = image(truth(HERE, THERE), HERE, NOWHERE, THERE, score=[0.9, 0.8, 0.7])

    score = average_precision([found], ["person"]).of("person")

    # Precision is 1 up to recall .50 (51 points), then 2/3 (50 points).
    assert score.ap50 == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)


def test_average_precision_counts_a_loose_box_at_the_thresholds_it_meets():
    # IoU is 40 / 50 = .8: right at .50 to .80 (7 thresholds of 10).
    found = image(truth((0, 0, 50, 50)), (0, 0, 50, 40), score=[0.9])

    score = average_precision([found], ["person"]).of("person")

    assert score.ap == pytest.approx(0.7)
    assert score.ap50 == pytest.approx(1.0)


def test_average_precision_counts_a_second_detection_of_an_object_as_wrong():
    one = image(truth(HERE), HERE, score=[0.8])
    two = image(truth(HERE), HERE, HERE, score=[0.9, 0.85])

    # In order of score: right, wrong, right; precision 1 to recall .5, then 2/3.
    score = average_precision([one, two], ["person"]).of("person")

    assert score.ap50 == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)


def test_average_precision_excuses_every_detection_inside_a_crowd():
    boxes = truth(HERE) + truth(BIG, role=Role.CROWD)
    inside = [(0.0, 100.0, 50.0, 150.0), (60.0, 100.0, 110.0, 150.0)]
    found = image(boxes, *inside, HERE, score=[0.9, 0.8, 0.7])

    score = average_precision([found], ["person"]).of("person")

    assert score.objects == 1
    assert score.ap50 == pytest.approx(1.0)


def test_average_precision_excuses_one_detection_of_an_ignored_box_but_no_part_of_it():
    boxes = truth(HERE) + truth(BIG, role=Role.IGNORED)
    excused = image(boxes, BIG, HERE, score=[0.9, 0.7])
    part = image(boxes, (0.0, 100.0, 50.0, 150.0), HERE, score=[0.9, 0.7])

    assert average_precision([excused], ["person"]).ap50 == pytest.approx(1.0)
    assert average_precision([part], ["person"]).ap50 == pytest.approx(0.5)


def test_average_precision_scores_a_label_that_was_never_found_zero_and_averages_it_in():
    boxes = truth(HERE) + truth(THERE, label="helmet")
    scores = average_precision([image(boxes, HERE, score=[0.9])], ["person", "helmet"])

    assert scores.of("helmet").ap == 0.0
    assert scores.ap50 == pytest.approx(0.5)


def test_average_precision_knows_nothing_of_a_label_without_objects():
    scores = average_precision([image(truth(HERE), HERE, score=[0.9])], ["person", "dog"])

    assert scores.of("dog").ap is None
    assert scores.ap == pytest.approx(1.0)


def test_average_precision_works_when_nothing_at_all_was_found():
    assert average_precision([ScoredImage(truth(HERE), Detections.none())], ["person"]).ap == 0.0


def test_average_precision_by_size_uses_the_area_of_the_box():
    scores = average_precision([image(truth(HERE, THERE), HERE, score=[0.9])], ["person"])

    assert scores.ap_small == pytest.approx(1.0)
    assert scores.ap_medium == 0.0
    assert scores.ap_large is None


def test_average_precision_is_the_same_whatever_the_order_of_the_labels():
    found = ScoredImage(
        truth(HERE) + truth(THERE, label="car"),
        make_detections(HERE, HERE, labels=("car", "person"), label_id=[0, 1], score=[0.9, 0.8]),
    )

    scores = average_precision([found], ["person", "car"])

    assert scores.of("person").ap50 == pytest.approx(1.0)
    assert scores.of("car").ap50 == 0.0


def test_average_precision_refuses_images_without_any_object():
    with pytest.raises(DatasetError, match="no labelled object"):
        average_precision([image((), HERE, score=[0.9])], ["person"])


def test_average_precision_prints_nothing(capsys):
    average_precision([image(truth(HERE), HERE, score=[0.9])], ["person"])

    assert capsys.readouterr().out == ""


def test_scores_of_an_unknown_label_is_a_key_error():
    scores = average_precision([image(truth(HERE), HERE, score=[0.9])], ["person"])

    with pytest.raises(KeyError, match="dog"):
        scores.of("dog")


def test_best_per_image_keeps_the_best_of_all_labels_together():
    found = ScoredImage(
        (),
        make_detections(
            HERE, HERE, THERE, labels=("a", "b"), label_id=[0, 1, 1], score=[0.2, 0.9, 0.5]
        ),
    )

    kept = best_per_image([found], 2)[0].detections

    assert kept.score.tolist() == pytest.approx([0.9, 0.5])
    assert kept.label_id.tolist() == [1, 1]


def test_best_per_label_limits_each_label_over_all_images():
    first = ScoredImage(
        (), make_detections(HERE, HERE, labels=("a", "b"), label_id=[0, 1], score=[0.9, 0.1])
    )
    second = ScoredImage(
        (), make_detections(HERE, HERE, labels=("b", "a"), label_id=[0, 1], score=[0.2, 0.3])
    )

    kept = best_per_label([first, second], 1)

    assert kept[0].detections.score.tolist() == pytest.approx([0.9])
    assert kept[1].detections.score.tolist() == pytest.approx([0.2])


def test_mean_of_leaves_out_what_is_unknown_and_refuses_to_invent():
    assert mean_of([1.0, None, 0.0]) == 0.5
    with pytest.raises(DatasetError):
        mean_of([None])


def test_average_precision_needs_no_memory_beyond_what_was_found():
    images = [image(truth(HERE), HERE, score=[0.9])] * 5000

    assert average_precision(images, ["person"]).ap50 == pytest.approx(1.0)
