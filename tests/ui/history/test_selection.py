import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ovd.errors import InputError
from ovd.services.history.periods import Period
from ovd.services.history.reading import Baseline
from ovd.ui.history.selection import HistorySelection, Measure

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 10, 3, tzinfo=UTC)


def choose(selection: HistorySelection = HistorySelection(), **change: object) -> HistorySelection:  # noqa: B008
    return selection.changed(json.dumps(change), SEOUL)


def test_choices_are_kept_and_counted():
    selection = choose(choose(period="7d", measure="max"), baseline="week", camera="yard")

    assert (selection.period, selection.measure) == (Period.WEEK, Measure.MAX)
    assert (selection.baseline, selection.camera, selection.number) == (Baseline.WEEK, "yard", 2)


def test_line_is_hidden_and_shown_again():
    hidden = choose(toggle="person")

    assert hidden.hidden == {"person"}
    assert choose(hidden, toggle="person").hidden == set()


def test_times_of_the_page_are_local():
    selection = choose(start="2026-03-10T09:00", end="2026-03-10T10:30")

    assert selection.period is Period.CUSTOM
    assert selection.interval(NOW, SEOUL) == (
        datetime(2026, 3, 10, 0, tzinfo=UTC),
        datetime(2026, 3, 10, 1, 30, tzinfo=UTC),
    )


def test_dragged_range_comes_in_milliseconds():
    start, end = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 10, 1, tzinfo=UTC)

    selection = choose(start=start.timestamp() * 1000, end=end.timestamp() * 1000)

    assert selection.interval(NOW, SEOUL) == (start, end)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("nonsense", "JSON object"),
        ("[]", "JSON object"),
        ('{"period": "a year"}', "cannot show"),
        ('{"measure": 7}', "cannot show"),
        ('{"baseline": null}', "cannot show"),
        ('{"start": "2026-03-10T10:00", "end": "2026-03-10T09:00"}', "choose a later end"),
        ('{"start": "2026-03-10T10:00"}', "date and time"),
        ('{"start": "", "end": ""}', "date and time"),
        ('{"start": 1e300, "end": 2e300}', "date and time"),
        ('{"start": "0001-01-01T00:00", "end": "2026-03-10T09:00"}', "date and time"),
        ('{"start": "2026-03-10T10:00", "end": "9999-12-31T23:00"}', "date and time"),
    ],
)
def test_what_is_no_choice_is_refused(change: str, says: str):
    with pytest.raises(InputError, match=says):
        HistorySelection().changed(change, SEOUL)
