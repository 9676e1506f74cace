import pytest

from ovd.texts.page import ENGLISH
from ovd.ui.html.plot import Series, draw_gaps, draw_legend, draw_plot, top_of

OBSERVED = Series("person", "#00f", (1.0, 2.0, None, 1.0))
BEFORE = Series("person", "#00f", (None, None, 3.0, None), dashed=True)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (4, 4), (5, 6), (11, 12), (31, 40), (40, 40), (121, 160)]
)
def test_top_of_the_axis_has_a_whole_half(highest: float, top: int):
    assert top_of(highest) == top


def test_line_of_another_time_is_dashed_and_fills_no_gap():
    html = draw_plot([OBSERVED, BEFORE], ["a", "b"], "counts")

    assert html.count("dashed") == 1
    assert draw_gaps([OBSERVED, BEFORE]) == draw_gaps([OBSERVED])
    assert "left:50.00%;width:25.00%" in html


def test_legend_names_each_query_once():
    legend = draw_legend([OBSERVED, BEFORE], ENGLISH)

    assert legend.count("person") == 1
    assert "Not observed" in legend


def test_line_without_values_leaves_one_gap():
    assert "left:0.00%;width:100.00%" in draw_gaps([Series("car", "#f00", (None, None))])
