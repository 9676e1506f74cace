from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ovd.domain.sites import parse_site
from ovd.domain.sites.records import ImportedCount
from ovd.errors import TimeRangeError
from ovd.services.sites.queues.service import QueueService
from ovd.services.sites.service import SiteService
from ovd.services.sites.weekly.page import by_weekday_and_hour, write_week
from ovd.services.sites.weekly.sentences import WeekSentences
from ovd.services.sites.weekly.week import SiteWeek, last_week, read_week
from ovd.texts.languages import Language
from ovd.texts.site_report import ENGLISH, KOREAN, SITE_REPORT_TEXTS
from tests.fakes import FixedClock, MemoryStore

SITE = parse_site(
    {
        "name": "shop",
        "doors": [{"name": "front", "imported": True}],
        "hours": ["daily 10:00-12:00"],
        "reset": "closing",
    }
)
MONDAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
BUSY, MISSING = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)


def count(day: date, visitors: int) -> ImportedCount:
    opens_at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    closes_at = opens_at + timedelta(hours=2)
    return ImportedCount("front", opens_at, closes_at, visitors, visitors)


@pytest.fixture(scope="module")
def week() -> SiteWeek:
    """A week after five others: one day is busy, and of one nothing is known."""
    store = MemoryStore()
    store.sites.add(SITE)
    first = MONDAY - timedelta(weeks=5)
    days = [first + timedelta(days=index) for index in range(6 * 7)]
    counts = [count(day, 40 + day.day % 3) for day in days if day not in (BUSY, MISSING)]
    store.site_records.add_counts("shop", [*counts, count(BUSY, 90)])
    clock = FixedClock(NOW)
    sites = SiteService(store.sites, store, clock)
    return read_week(sites, QueueService(store, clock), "shop", MONDAY)


def test_days_are_judged_by_the_same_weekdays_before(week: SiteWeek):
    by_day = {day.day: day for day in week.days}

    assert [day.day for day in week.days if day.is_unusual] == [BUSY]
    assert by_day[BUSY].usual == pytest.approx(41, abs=1)
    assert (by_day[MISSING].visitors, by_day[MISSING].usual) == (None, None)


def test_periods_that_were_not_observed_are_not_compared_with(week: SiteWeek):
    assert week.before is not None
    assert week.before.entered_open == pytest.approx(7 * 41, abs=7)
    assert week.year_ago is None
    assert len(week.days_before) == 7


def test_hours_that_are_closed_or_unknown_are_blank(week: SiteWeek):
    grid = by_weekday_and_hour(week)

    assert grid[BUSY.weekday()][9:13] == [None, 45, 45, None]
    assert grid[MISSING.weekday()] == [None] * 24


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (Language.EN, ["Wed: 90 visitors", "Fri: 100% of the opening hours were not observed"]),
        (Language.KO, ["수: 방문자 90명", "금: 영업시간의 100%가 관측되지 않아"]),
    ],
)
def test_sentences_name_what_stands_out(week: SiteWeek, language: Language, told: list[str]):
    sections = dict(WeekSentences(week, language).sections())

    lines = sections[SITE_REPORT_TEXTS[language].notable]
    assert [any(line.startswith(each) for line in lines) for each in told] == [True, True]
    assert len(lines) == 2


def test_gap_is_named_where_it_may_explain_few_visitors(week: SiteWeek):
    few = replace(week.days[0], visitors=20, usual=41.0, coverage=0.93, is_unusual=True)

    sections = dict(WeekSentences(replace(week, days=[few]), Language.EN).sections())

    [line] = sections[ENGLISH.notable]
    assert "unusually few; 7% of the opening hours" in line


@pytest.mark.parametrize("language", list(Language))
def test_page_is_written_in_either_language(week: SiteWeek, language: Language):
    written = write_week(week, language)

    assert written.startswith(b"%PDF")
    assert written.count(b"/Type /Page\n") == 1


def test_every_word_is_there_in_both_languages():
    for field in fields(ENGLISH):
        assert getattr(ENGLISH, field.name) != getattr(KOREAN, field.name)


def test_last_whole_week_begins_on_a_monday():
    assert last_week(SITE.hours.zone, NOW) == MONDAY
    assert last_week(SITE.hours.zone, NOW - timedelta(hours=10)) == MONDAY - timedelta(weeks=1)


def test_week_beyond_the_calendar_or_ahead_is_refused():
    store = MemoryStore()
    store.sites.add(SITE)
    clock = FixedClock(NOW)
    services = SiteService(store.sites, store, clock), QueueService(store, clock)

    with pytest.raises(TimeRangeError):
        read_week(*services, "shop", date(9999, 12, 30))
    with pytest.raises(TimeRangeError):
        read_week(*services, "shop", date(2027, 1, 4))
    with pytest.raises(TimeRangeError):
        read_week(*services, "shop", date(1, 1, 1))
