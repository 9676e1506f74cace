import pytest

from ovd.datasets.name_lists import NEW_WORDS, OV_COCO_BASE, OV_COCO_NOVEL
from ovd.domain.detections import Detections
from ovd.errors import DatasetError
from ovd.evaluation.protocols import (
    MIN_OBJECTS,
    compare_clean,
    count_error,
    false_counts,
    fixed_ap,
    hold_out,
    pooled_scores,
    source_scores,
)
from tests.builders import make_detections
from tests.training.evaluation_builders import (
    Box,
    make_box,
    make_dataset,
    make_found,
    make_run,
)

HERE: Box = (0, 0, 40, 40)
THERE: Box = (100, 0, 150, 50)


def row_of(count: int) -> list[Box]:
    return [(float(30 * i), 200.0, float(30 * i + 20), 240.0) for i in range(count)]


def many(name: str):
    return [make_box(name, box) for box in row_of(MIN_OBJECTS)]


def found_all(name: str) -> Detections:
    return make_found(*((name, box) for box in row_of(MIN_OBJECTS)), score=[0.9] * MIN_OBJECTS)


def test_compare_clean_is_the_mean_over_pairs_of_sources_that_are_not_coco():
    good = make_run(make_dataset(many("car"), source="dhaka"), found_all("car"))
    bad = make_run(make_dataset(many("car"), source="delhi"), Detections.none())
    coco = make_run(make_dataset(many("car"), source="coco_val2017"), found_all("car"))

    clean = compare_clean([good, bad, coco])

    assert [(pair.source, pair.score.label) for pair in clean.pairs] == [
        ("dhaka", "car"),
        ("delhi", "car"),
    ]
    assert clean.mean_ap50 == pytest.approx(0.5)


def test_compare_clean_keeps_pairs_of_few_objects_out_of_the_headline_mean():
    run = make_run(
        make_dataset([*many("car"), make_box("bus", HERE)], names=("car", "bus")),
        found_all("car"),
    )

    clean = compare_clean([run])

    assert clean.mean_ap50 == pytest.approx(1.0)
    assert clean.mean_ap50_all == pytest.approx(0.5)


def test_compare_clean_skips_names_that_the_source_does_not_box_exhaustively():
    run = make_run(
        make_dataset([*many("car"), *many("person")], exhaustive=["car"]), found_all("car")
    )

    assert [pair.score.label for pair in compare_clean([run]).pairs] == ["car"]


def test_pooled_scores_judge_a_name_over_the_images_of_all_sources():
    first = make_run(
        make_dataset([make_box("fire", HERE)], names=("fire",)), make_found(("fire", HERE))
    )
    second = make_run(make_dataset([make_box("fire", HERE)], names=("fire",)), Detections.none())

    score = pooled_scores([first, second], ["fire", "smoke"]).of("fire")

    assert score.objects == 2
    # Recall stops at one half: 51 of the 101 recall points have precision 1.
    assert score.ap50 == pytest.approx(51 / 101)


def test_fixed_ap_has_no_limit_per_image():
    wrong = [("person", box) for box in [(0.0, 0.0, 5.0, 5.0)] * 100]
    run = make_run(
        make_dataset([make_box("car", HERE)]),
        make_found(*wrong, ("car", HERE), score=[0.9] * 100 + [0.1]),
    )

    assert source_scores(run).of("car").ap50 == 0.0
    assert fixed_ap([run]).of("car").ap50 == pytest.approx(1.0)


def test_hold_out_separates_removed_names_from_the_others():
    run = make_run(
        make_dataset([make_box("cat", HERE), make_box("person", THERE)], names=("cat", "person")),
        make_found(("person", THERE)),
    )

    result = hold_out(run, novel=["cat"], base=["person"])

    assert result.novel_ap50 == 0.0
    assert result.base_ap50 == pytest.approx(1.0)
    assert result.all_ap50 == pytest.approx(0.5)
    assert result.novel[0].label == "cat"


def test_hold_out_refuses_a_dataset_without_removed_names():
    run = make_run(make_dataset([make_box("person", THERE)]), make_found(("person", THERE)))

    with pytest.raises(DatasetError):
        hold_out(run, novel=["cat"], base=["person"])


def test_the_name_lists_are_the_published_split():
    assert len(set(OV_COCO_NOVEL)) == 17
    assert len(set(OV_COCO_BASE)) == 48
    assert not set(OV_COCO_NOVEL) & set(OV_COCO_BASE)
    assert len(NEW_WORDS) == 10


def test_count_error_compares_counts_at_the_threshold_with_the_labels():
    run = make_run(
        make_dataset([make_box("car", HERE)], [make_box("car", HERE), make_box("car", THERE)]),
        make_found(("car", HERE), ("car", THERE), ("car", THERE), score=[0.9, 0.8, 0.1]),
        Detections.none(),
    )

    error = count_error([run], 0.5, ["car"])

    # Counted 2 of 1, then 0 of 2: errors +1 and -2.
    assert error.mean_absolute == pytest.approx(1.5)
    assert error.root_mean_square == pytest.approx((5 / 2) ** 0.5)
    assert error.bias == pytest.approx(-0.5)
    assert error.cells == 2


def test_count_error_leaves_out_images_whose_true_count_is_unknown():
    run = make_run(
        make_dataset([make_box("car", HERE, is_crowd=True)], [make_box("car", HERE)]),
        Detections.none(),
        make_found(("car", HERE)),
    )

    error = count_error([run], 0.5, ["car"])

    assert error.cells == 1
    assert error.mean_absolute == 0.0


def test_count_error_refuses_to_invent_a_number():
    with pytest.raises(ValueError, match="no image and label"):
        count_error([], 0.5, ["car"])


def test_false_counts_are_per_frame_and_query_and_name_the_worst():
    frames = [
        make_detections(HERE, THERE, labels=("pizza", "dog"), label_id=[1, 1]),
        make_detections(HERE, labels=("pizza", "dog"), label_id=[1]),
    ]

    result = false_counts(frames, ["pizza", "dog", "unsupported"])

    assert result.per_frame_and_query == pytest.approx(3 / (2 * 3))
    assert next(iter(result.per_label.items())) == ("dog", pytest.approx(1.5))
    assert result.per_label["unsupported"] == 0.0


def test_false_counts_need_frames():
    with pytest.raises(ValueError, match="frames"):
        false_counts([], ["pizza"])
