from datetime import UTC, datetime, timedelta

import pytest

from ovd.domain.sites import parse_site
from ovd.services.reports.buckets import split_range
from ovd.services.sites.period.buckets import SiteBucket
from ovd.services.sites.period.days import SiteDays
from tests.memory_sites import MemorySites

SITE = parse_site(
    {
        "name": "shop",
        "tz": "Europe/Berlin",
        "doors": [{"camera": "gate", "line": "door"}],
        "hours": ["daily 09:00-20:00"],
    }
)
# The clock goes forward on the second of these days.
FIRST = datetime(2026, 3, 27, 23, tzinfo=UTC)
LAST = datetime(2026, 3, 30, 22, tzinfo=UTC)
NOW = LAST + timedelta(days=1)


class Counted:
    """Sums up hours, and remembers of which ranges."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []
        self.sites = MemorySites()
        self.sites.add(SITE)
        self.records = self.sites.records
        self.days = SiteDays(self.records, self.sum_up)

    def sum_up(self, site, start_at, end_at):
        self.asked.append((start_at, end_at))
        return [
            SiteBucket(
                *interval, 1, 0, {"door": (1, 0)}, 1.0, 0, 2, 1.0, 0.0, 1.0, None, 1,
                door_coverage={"door": 1.0},
            )
            for interval in split_range(start_at, end_at, "1h", site.hours.zone)
        ]  # fmt: skip

    def entered(self, start_at: datetime, end_at: datetime, site=SITE, now=NOW) -> int:
        return sum(hour.entered for hour in self.days.hours(site, start_at, end_at, now))


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_days_that_are_over_are_summed_up_once(counted: Counted):
    first, again = (counted.entered(FIRST, LAST) for _ in range(2))

    assert first == again == 24 + 23 + 24
    assert counted.asked == [(FIRST, LAST)]


def test_days_are_their_hours_merged(counted: Counted):
    made = list(counted.days.days(SITE, FIRST, LAST, NOW))
    kept = list(counted.days.days(SITE, FIRST, LAST, NOW))

    assert [day.entered for day in made] == [24, 23, 24]
    assert kept == made


def test_parts_of_days_and_today_are_summed_up_each_time(counted: Counted):
    hour = timedelta(hours=1)
    now = LAST + hour

    total = counted.entered(FIRST - hour, LAST + hour, now=now)

    assert total == 24 + 23 + 24 + 2
    assert counted.asked[0] == (FIRST - hour, FIRST)
    assert len(counted.records.days("shop", FIRST.date(), NOW.date())) == 2


def test_changed_hours_or_doors_are_summed_up_anew_from_what_is_kept(counted: Counted):
    changed = parse_site({"name": "shop", "tz": "Europe/Berlin",
                          "doors": [{"camera": "gate", "line": "other"}]})  # fmt: skip
    counted.entered(FIRST, LAST)
    counted.entered(FIRST, LAST, changed)
    assert len(counted.asked) == 2

    counted.records.kept_from = NOW
    counted.entered(FIRST, LAST)

    assert len(counted.asked) == 2  # crossings were removed: what was summed up stays


def test_days_whose_crossings_were_removed_are_not_kept_as_empty(counted: Counted):
    counted.records.kept_from = NOW

    counted.entered(FIRST, LAST)

    assert not counted.records.days("shop", FIRST.date(), NOW.date())
