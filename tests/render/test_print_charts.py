from dataclasses import replace
from datetime import timedelta

import pytest
from reportlab.graphics.shapes import Circle, Drawing, PolyLine, Rect, String

from ovd.render.charts import CountSeries
from ovd.render.palette import query_colours
from ovd.render.print_charts import draw_bars, draw_counts, draw_heatmap, draw_legend
from ovd.render.report_charts import Bar
from tests.builders import START

(BLUE,) = query_colours(["person"])
SIZE = (400.0, 150.0)


def make_series(*values, name="person", step=timedelta(minutes=1)):
    return CountSeries(name, BLUE, tuple(START + step * i for i in range(len(values))), values)


def shapes(drawing: Drawing, kind):
    return [shape for shape in drawing.contents if isinstance(shape, kind)]


def words(drawing: Drawing) -> list[str]:
    return [label.text for label in shapes(drawing, String)]


def test_a_hole_parts_the_line_and_a_lone_sample_is_a_dot():
    drawing = draw_counts([make_series(1, 2, None, 3, None, 0, 0)], size_wh=SIZE, axis="n")

    assert [len(line.points) for line in shapes(drawing, PolyLine)] == [4, 4]
    assert len(shapes(drawing, Circle)) == 1


def test_zero_lies_on_the_axis_and_the_highest_value_below_the_top():
    (line,) = shapes(draw_counts([make_series(0, 7)], size_wh=SIZE, axis="n"), PolyLine)

    (_, zero, _, seven) = line.points
    assert zero < seven < SIZE[1]
    labels = words(draw_counts([make_series(0, 7)], size_wh=SIZE, axis="n"))
    assert {"0", "2", "4", "6", "8"} <= set(labels)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (timedelta(seconds=1), "12:00:00"),
        (timedelta(minutes=5), "12:00"),
        (timedelta(hours=2), "03-02 00:00"),
        (timedelta(days=1), "03-02"),
        (timedelta(days=60), "2026-04-27"),
    ],
)
def test_times_are_as_fine_as_the_chart_is_long(step: timedelta, expected: str):
    drawing = draw_counts([make_series(*[1] * 20, step=step)], size_wh=SIZE, axis="n")

    assert expected in words(drawing)
    assert len(shapes(drawing, String)) < 18


@pytest.mark.parametrize("series", [[], [make_series()], [make_series(None)], [make_series(0)]])
def test_chart_without_values_is_an_empty_grid(series):
    drawing = draw_counts(series, size_wh=SIZE, axis="Visible")

    assert shapes(drawing, PolyLine) == []
    assert "Visible" in words(drawing)


def test_what_is_compared_with_is_dotted():
    series = replace(make_series(1, 2), dotted=True)

    (line,) = shapes(draw_counts([series], size_wh=SIZE, axis="n"), PolyLine)

    assert line.strokeDashArray


def test_bars_are_as_long_as_their_values_and_none_has_no_bar():
    bars = [Bar("a", BLUE, 4.0), Bar("b", BLUE, 2.0), Bar("c", BLUE, None)]

    drawing = draw_bars(bars, width=400)

    long, short = shapes(drawing, Rect)
    assert long.width == pytest.approx(2 * short.width)
    assert {"a", "4.00", "b", "2.00", "c"} == set(words(drawing))


def test_heatmap_is_darker_for_higher_means_and_blank_where_not_observed():
    heatmap = [[1.0, 4.0, None] + [0.0] * 21]

    boxes = shapes(draw_heatmap(heatmap, colour=BLUE, weekdays=("Mon",), width=400), Rect)

    assert len(boxes) == 23
    assert boxes[1].fillColor.red < boxes[0].fillColor.red < 1


def test_long_names_are_cut_and_legends_go_on_in_another_line():
    series = [make_series(1, name=f"{n}" * 80) for n in range(4)]

    drawing = draw_legend(series, width=300)

    assert all(len(word) < 80 and word.endswith("…") for word in words(drawing))
    assert len({label.y for label in shapes(drawing, String)}) > 1
