from datetime import UTC, datetime

import pytest

from ovd.domain.sites import parse_site
from ovd.errors import SiteError
from ovd.services.sites.imports.counts import CountImport
from ovd.services.sites.service import SiteService
from tests.fakes import FixedClock, MemoryStore

SITE = parse_site(
    {"name": "shop", "tz": "Asia/Seoul", "doors": [{"name": "garage", "imported": True}]}
)
FILE = """door,start,minutes,entered,left
garage,2026-03-02T10:00,15,8,2
garage,2026-03-02T10:15,15,4,4
"""
TEN, ELEVEN = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (1, 2))


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.sites.add(SITE)
    return made


def test_imported_counts_are_those_of_a_door(store: MemoryStore):
    CountImport(store.sites, store.site_records).add_file("shop", FILE, "garage.csv")

    [hour] = SiteService(store.sites, store, FixedClock(ELEVEN)).history("shop", TEN, ELEVEN, "1h")

    assert (hour.entered, hour.left, hour.coverage) == (12, 6, 0.5)
    assert hour.people == 6


def test_counts_take_the_place_of_those_that_they_overlap(store: MemoryStore):
    imports = CountImport(store.sites, store.site_records)
    imports.add_file("shop", FILE, "garage.csv")

    imports.add_file("shop", FILE.splitlines()[0] + "\nGarage,2026-03-02T10:00,60,20,1\n", "b.csv")

    [kept] = store.site_records.counts("shop", TEN, ELEVEN)
    assert (kept.entered, kept.source, kept.door) == (20, "b.csv", "garage")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("front,2026-03-02T10:00,15,8,2", "line 4: door is 'front'.*imported: garage"),
        ("garage,10 am,15,8,2", "line 4: start"),
        ("garage,2026-03-02T10:00,0,8,2", "line 4: minutes"),
        ("garage,2026-03-02T10:00,15,8.5,2", "line 4: entered"),
        ("garage,2026-03-02T10:00,15,-1,2", "line 4"),
    ],
)
def test_wrong_line_is_refused(store: MemoryStore, line: str, told: str):
    with pytest.raises(SiteError, match=told):
        CountImport(store.sites, store.site_records).add_file("shop", FILE + line, "x")

    assert not store.site_records.counts("shop", TEN, ELEVEN)
