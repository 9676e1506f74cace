from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ovd.errors import SiteError
from ovd.services.sites.holidays import read_holidays

UTC = ZoneInfo("UTC")
TODAY = date(2026, 5, 1)


def calendar(*events: str) -> str:
    lines = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR"])


def days(text: str) -> list[tuple[str, str]]:
    return [(day.day.isoformat(), day.name) for day in read_holidays(text, UTC, TODAY)]


def test_whole_days_become_closed_days():
    text = calendar(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nSUMMARY:Christmas\\, both\n  days",
        "DTSTART;VALUE=DATE:20260505\nSUMMARY:어린이날",
        "DTSTART:20260506T100000Z\nSUMMARY:a meeting",
    )

    assert days(text) == [
        ("2026-05-05", "어린이날"),
        ("2026-12-25", "Christmas, both days"),
        ("2026-12-26", "Christmas, both days"),
    ]


def test_yearly_days_are_written_out_some_years_ahead():
    text = calendar("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nSUMMARY:New Year")

    assert [day for day, _ in days(text)] == [f"{year}-01-01" for year in range(2025, 2032)]


def test_yearly_days_end_where_the_rule_ends():
    text = calendar("DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=YEARLY;UNTIL=20270101\nSUMMARY:x")

    assert [day for day, _ in days(text)] == ["2025-01-01", "2026-01-01", "2027-01-01"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name;day\nChristmas;25.12.", "no iCalendar file"),
        (calendar("DTSTART:20260506T100000Z\nSUMMARY:x"), "no whole day"),
        (calendar("DTSTART;VALUE=DATE:20269999\nSUMMARY:x"), "YYYYMMDD"),
        (calendar("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY\nSUMMARY:x"), "repeats"),
        (calendar("DTSTART;VALUE=DATE:20260102\nDTEND;VALUE=DATE:20260101"), "lasts"),
    ],
)
def test_other_files_are_refused_in_words(text: str, told: str):
    with pytest.raises(SiteError) as refused:
        read_holidays(text, UTC, TODAY)

    assert told in str(refused.value)
