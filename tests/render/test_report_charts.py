from ovd.render.palette import css_colour, query_colours
from ovd.render.report_charts import Bar, bars_figure, heatmap_figure

BLUE, ORANGE = query_colours(["a", "b"])
WEEK = [[float(day + hour) for hour in range(24)] for day in range(6)] + [[None] * 24]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def test_bars_have_the_colours_of_their_queries():
    (bars,) = bars_figure([Bar("car", BLUE, 2.0), Bar("<b>", ORANGE, None)], axis="n").data

    assert list(bars.y) == ["car", "&lt;b&gt;"]
    assert list(bars.x) == [2.0, None]
    assert list(bars.marker.color) == [css_colour(BLUE), css_colour(ORANGE)]


def test_bars_are_paired_when_there_is_something_to_compare_with():
    _, before = bars_figure([Bar("car", BLUE, 2.0, before=1.0)], axis="n", before="Before").data

    assert list(before.x) == [1.0]
    assert before.marker.opacity < 1


def test_heatmap_is_blank_where_not_observed():
    (heatmap,) = heatmap_figure(WEEK, colour=BLUE, weekdays=DAYS).data

    assert heatmap.z[6][0] is None
    assert (heatmap.z[1][5], heatmap.y[1], heatmap.x[5]) == (6.0, "Tue", 5)
    assert heatmap.hoverongaps is False
