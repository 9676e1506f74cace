from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.domain.ports import HistoryPoint
from ovd.texts.page import ENGLISH
from ovd.ui.html import chart
from tests.builders import START

UTC = ZoneInfo("UTC")
SEOUL = ZoneInfo("Asia/Seoul")
BLUE = {"person": "#0000ff"}


def points(*counts: int | None, step_s: float = 1.0, start_s: float = 0.0) -> list[HistoryPoint]:
    return [
        HistoryPoint(
            START + timedelta(seconds=start_s + i * step_s),
            () if count is None else (("person", count),),
        )
        for i, count in enumerate(counts)
    ]


def binned(history: list[HistoryPoint]) -> tuple[float | None, ...]:
    data = chart.bin_history(history, ["person"], BLUE)
    assert data is not None
    return data.series[0].values


def test_chart_waits_for_time_to_pass():
    assert chart.bin_history(points(1, 2, step_s=0.0), ["person"], BLUE) is None


@pytest.mark.parametrize("history", [[], points(3)])
def test_chart_waits_for_two_points(history: list[HistoryPoint]):
    assert chart.bin_history(history, ["person"], BLUE) is None


def test_chart_without_countable_query_is_empty():
    assert chart.bin_history(points(1, 2), ["helmet"], {}) is None


def test_few_points_are_shown_as_they_are():
    assert binned(points(1, 4, 0, 2)) == (1.0, 4.0, 0.0, 2.0)


def test_many_points_are_averaged():
    values = binned(points(*[0, 4] * (chart.BINS * 2)))

    assert len(values) <= chart.BINS + 1
    assert set(values) == {2.0}


def test_gap_is_no_zero():
    assert binned(points(2, None, 3)) == (2.0, None, 3.0)


def test_long_pause_is_not_filled():
    history = points(1, 1, 1, 1, 1, 1, 1, 1) + points(5, 5, start_s=60.0)

    values = binned(history)

    assert None in values
    assert values[0] == 1.0
    assert values[-1] == 5.0


def test_jitter_leaves_no_holes():
    history = points(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    del history[4]

    assert None not in binned(history)


def test_jump_back_in_time_starts_the_chart_again():
    assert binned(points(9, 9, 9) + points(1, 2)) == (1.0, 2.0)


def test_query_added_later_starts_later():
    both = HistoryPoint(START + timedelta(seconds=2), (("person", 1), ("car", 3)))
    history = [*points(1, 1), both]

    data = chart.bin_history(history, ["person", "car"], BLUE | {"car": "#ff0000"})

    assert data is not None
    assert data.series[1].values == (None, None, 3.0)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (4, 4), (5, 6), (11, 12), (31, 40), (40, 40), (121, 160)]
)
def test_top_of_the_axis_has_a_whole_half(highest: float, top: int):
    assert chart.top_of(highest) == top


def test_chart_has_room_above_the_highest_count():
    html = chart.counts_chart(chart.bin_history(points(0, 4), ["person"], BLUE), UTC, ENGLISH)

    assert "<span>6</span><span>3</span><span>0</span>" in html


def test_chart_shows_local_times():
    data = chart.bin_history(points(0, 4), ["person"], BLUE)

    assert "20:59:59" in chart.counts_chart(data, SEOUL, ENGLISH)
    assert chart.chart_points(data, SEOUL, ENGLISH)["times"] == ["21:00:00", "21:00:01"]


def test_chart_hatches_what_was_not_observed():
    data = chart.bin_history(points(2, 2, None, 3), ["person"], BLUE)

    html = chart.counts_chart(data, UTC, ENGLISH)

    assert html.count('class="gap"') == 1
    assert 'class="gap" style="left:50.00%;width:25.00%"' in html
    assert "Not observed" in chart.chart_legend(data, ENGLISH)


def test_legend_explains_hatching_only_where_there_is_some():
    data = chart.bin_history(points(2, 2), ["person"], BLUE)

    assert "Not observed" not in chart.chart_legend(data, ENGLISH)


def test_chart_line_is_broken_at_a_gap():
    data = chart.bin_history(points(2, 2, None, 3, 3), ["person"], BLUE)

    html = chart.counts_chart(data, UTC, ENGLISH)

    line = html.split('class="line" d="')[1].split('"')[0]
    assert line.count("M") == 2


def test_points_under_the_pointer_have_no_value_in_a_gap():
    data = chart.bin_history(points(2, None, 3), ["person"], BLUE)

    assert chart.chart_points(data, UTC, ENGLISH)["series"] == [
        ["person", "#0000ff", ["2", None, "3"]],
    ]


def test_empty_chart_says_so():
    assert "first counted frame" in chart.counts_chart(None, UTC, ENGLISH)
    assert chart.chart_points(None, UTC, ENGLISH) == {"times": [], "series": []}
    assert chart.chart_legend(None, ENGLISH) == ""


def test_legend_shows_query_text_as_text():
    text = "<img src=x onerror=alert(1)>"
    history = [HistoryPoint(START + timedelta(seconds=i), ((text, 1),)) for i in range(3)]

    data = chart.bin_history(history, [text], {text: "#0000ff"})

    assert "<img" not in chart.chart_legend(data, ENGLISH)
    assert "<img" not in chart.counts_chart(data, UTC, ENGLISH)


def unjudged_history(*numbers: int) -> list[HistoryPoint]:
    """Counts of 1 with numbers of objects that were not judged."""
    return [
        replace(point, unjudged=(("person", number),) if number else ())
        for point, number in zip(points(*[1] * len(numbers)), numbers, strict=True)
    ]


def test_what_was_not_judged_is_drawn_above_the_count_and_told():
    data = chart.bin_history(unjudged_history(0, 9), ["person"], BLUE)
    assert data is not None

    assert 'class="unjudged" d="M0.5 91.67L1.5 16.67L1.5 91.67L0.5 91.67Z"' in chart.counts_chart(
        data, UTC, ENGLISH
    )
    assert "may match too" in chart.chart_legend(data, ENGLISH)
    assert chart.chart_points(data, UTC, ENGLISH)["series"] == [
        ["person", "#0000ff", ["1", "1 · 9 not judged"]]
    ]


def test_chart_says_nothing_of_judging_where_everything_was_judged():
    data = chart.bin_history(unjudged_history(0, 0), ["person"], BLUE)

    assert "unjudged" not in chart.counts_chart(data, UTC, ENGLISH)
    assert "may match too" not in chart.chart_legend(data, ENGLISH)
