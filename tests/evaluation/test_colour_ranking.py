import numpy as np
import pytest

from ovd.evaluation.colour_ranking import (
    SHIRT_COLOURS,
    VEHICLE_COLOURS,
    ColourTask,
    colour_ranking,
    coloured_queries,
    only_coloured,
    rank_colours,
)
from tests.training.evaluation_builders import (
    Box,
    make_box,
    make_dataset,
    make_found,
    make_run,
)

HERE: Box = (0, 0, 40, 40)
THERE: Box = (100, 0, 150, 50)
RED_OR_WHITE = ColourTask("color", frozenset({"car"}), "{colour} {name}", ("red", "white"))


def red_car(box: Box = HERE):
    return make_box("car", box, attributes={"color": "red"})


def test_rank_colours_counts_wins_halves_ties_and_takes_a_miss_for_wrong():
    scores = np.array([[0.9, 0.1, 0.2], [0.5, 0.5, 0.1], [0.0, 0.0, 0.0]], dtype=np.float32)

    ranking = rank_colours(scores, np.array([0, 0, 2]))

    assert ranking.pairwise == pytest.approx((1.0 + 0.75 + 0.0) / 3)
    assert ranking.top1 == pytest.approx(1 / 3)
    assert ranking.missed == 1
    assert ranking.boxes == 3


def test_colour_ranking_compares_the_best_scores_at_the_box():
    run = make_run(
        make_dataset([red_car(HERE), red_car(THERE)]),
        make_found(
            ("red car", HERE),
            ("white car", HERE),
            ("red car", THERE),
            ("white car", THERE),
            score=[0.8, 0.3, 0.2, 0.6],
        ),
    )

    ranking = colour_ranking([run], RED_OR_WHITE)

    assert ranking.pairwise == pytest.approx(0.5)
    assert ranking.boxes == 2


def test_colour_ranking_takes_no_score_from_detections_elsewhere():
    run = make_run(
        make_dataset([red_car(HERE)]),
        make_found(("white car", THERE), ("red car", HERE), score=[0.9, 0.2]),
    )

    assert colour_ranking([run], RED_OR_WHITE).pairwise == pytest.approx(1.0)


def test_colour_ranking_leaves_out_boxes_of_other_colours_and_kinds():
    blue = make_box("car", THERE, attributes={"color": "blue"})
    dog = make_box("dog", THERE, attributes={"color": "red"})
    run = make_run(make_dataset([red_car(), blue, dog]), make_found(("red car", HERE)))

    assert colour_ranking([run], RED_OR_WHITE).boxes == 1


def test_colour_ranking_without_a_coloured_box_is_refused():
    run = make_run(make_dataset([make_box("car", HERE)]), make_found())

    with pytest.raises(ValueError, match="no box"):
        colour_ranking([run], RED_OR_WHITE)


def test_coloured_queries_ask_every_colour_of_the_names_that_carry_one():
    shirt = make_box("person", HERE, attributes={"upper_color": "blue"})
    dataset = make_dataset([shirt, make_box("car", HERE)])

    queries = coloured_queries(dataset, SHIRT_COLOURS)

    assert "person in a blue shirt" in queries
    assert len(queries) == len(SHIRT_COLOURS.colours)
    assert coloured_queries(dataset, VEHICLE_COLOURS) == ()


def test_only_coloured_drops_images_without_a_coloured_box():
    dataset = make_dataset([make_box("car", HERE)], [red_car()])

    assert [item.id for item in only_coloured(dataset, VEHICLE_COLOURS).images] == [1]
