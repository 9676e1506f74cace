from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.render.charts import ENGLISH, KOREAN, CountSeries, counts_figure
from ovd.render.palette import css_colour, query_colours
from tests.builders import START

COLOUR = query_colours(["person"])[0]


def make_series(*values, name="person"):
    times = tuple(START + timedelta(minutes=i) for i in range(len(values)))
    return CountSeries(name, COLOUR, times, values)


def test_figure_breaks_the_line_at_a_gap_and_draws_zero_as_zero():
    figure = counts_figure([make_series(2, None, 0, 3)])

    assert list(figure.data[0].y) == [2, None, 0, 3]
    assert figure.data[0].connectgaps is False


def test_figure_shows_a_single_observation_between_two_holes():
    values = [None, 4] * 200

    figure = counts_figure([make_series(*values)])

    assert "markers" in figure.data[0].mode


def test_figure_has_one_line_per_query_in_its_colour():
    figure = counts_figure([make_series(1, 2), make_series(3, 4, name="자전거")])

    assert [line.name for line in figure.data] == ["person", "자전거"]
    assert figure.data[0].line.color == css_colour(COLOUR)


def test_figure_shows_wall_time_of_the_chosen_zone():
    figure = counts_figure([make_series(1, 2)], zone=ZoneInfo("Asia/Seoul"))

    assert figure.data[0].x[0].isoformat() == "2026-03-01T21:00:00"
    assert figure.layout.xaxis.title.text == "Time (KST)"


@pytest.mark.parametrize("texts", [ENGLISH, KOREAN])
def test_figure_speaks_the_language_it_is_given(texts):
    figure = counts_figure([make_series(1)], texts=texts)

    assert figure.layout.yaxis.title.text == texts.count
    assert figure.layout.xaxis.title.text.startswith(texts.time)


@pytest.mark.parametrize("series", [[], [make_series()], [make_series(None, None)]])
def test_figure_without_a_value_says_so(series):
    figure = counts_figure(series, texts=KOREAN)

    assert [note.text for note in figure.layout.annotations] == [KOREAN.empty]


def test_figure_takes_a_query_for_text_not_markup():
    figure = counts_figure([make_series(1, name="<b>x</b> & y")])

    assert figure.data[0].name == "&lt;b&gt;x&lt;/b&gt; &amp; y"


def test_series_refuses_times_and_values_of_different_length():
    with pytest.raises(ValueError, match="as many values"):
        CountSeries("person", COLOUR, (START,), (1, 2))
