from datetime import date, timedelta
from decimal import Decimal

import pytest

from ovd.domain.ports import CountStore
from ovd.domain.records import Erasure
from ovd.domain.sites import parse_site
from ovd.domain.sites.records import ImportedCount, KeptDay, Sale, SiteRecords
from ovd.domain.zones import LineZone
from ovd.errors import UnknownSiteError
from tests.builders import START, make_query
from tests.store.databases import make_empty, make_url, open_store

SHOP = parse_site(
    {"name": "Shop", "doors": [{"camera": "gate", "line": "door"}, {"name": "b", "imported": True}]}
)
MINUTE = timedelta(minutes=1)
DAY = START.date()


@pytest.fixture
def records(any_store: CountStore) -> SiteRecords:
    any_store.sites.add(SHOP)
    return any_store.site_records


def sale(minutes: int, amount: str, key: str) -> Sale:
    return Sale(START + minutes * MINUTE, Decimal(amount), "till 1", key)


def count(first: int, last: int, entered: int = 1) -> ImportedCount:
    return ImportedCount("b", START + first * MINUTE, START + last * MINUTE, entered, 0, "file")


def kept(day: date) -> KeptDay:
    start_at = START + (day - DAY) * 1
    return KeptDay(
        day, start_at, start_at + timedelta(days=1), "abc", {"entered": 2}, [{"a": None}]
    )


def test_sale_of_a_known_key_is_not_kept_twice(records: SiteRecords):
    assert records.add_sales("shop", [sale(0, "12.345", "a"), sale(1, "-2", "b")]) == 2
    assert records.add_sales("SHOP", [sale(5, "99", "a"), sale(2, "1", "c")]) == 1

    total = records.total_sales("shop", START, START + 2 * MINUTE)

    assert (total.count, total.amount) == (1, Decimal("10.345"))
    assert (total.first_at, total.last_at) == (START, START + MINUTE)


def test_sales_of_a_period_are_removed(records: SiteRecords):
    records.add_sales("shop", [sale(0, "1", "a"), sale(1, "2", "b")])

    assert records.remove_sales("shop", START, START + MINUTE) == 1
    assert records.total_sales("shop", START, START + 9 * MINUTE).amount == 2


def test_imported_counts_replace_what_they_overlap(records: SiteRecords):
    assert records.add_counts("shop", [count(0, 15), count(15, 30)]) == 2
    assert records.add_counts("shop", [count(0, 15)]) == 0
    assert records.add_counts("shop", [count(0, 20, 7)]) == 1

    assert list(records.counts("shop", START, START + 40 * MINUTE)) == [count(0, 20, 7)]


def test_days_are_kept_replaced_and_forgotten(records: SiteRecords):
    days = [kept(DAY), kept(DAY + timedelta(days=1))]
    records.keep_days("shop", days)
    records.keep_days("shop", days[:1])

    assert list(records.days("shop", DAY, DAY + timedelta(days=9))) == days
    assert [day.total for day in records.day_totals("shop", DAY, DAY)] == [{"entered": 2}]
    records.forget_days("shop", DAY, DAY)
    assert list(records.days("shop", DAY, DAY + timedelta(days=9))) == days[1:]


def test_unknown_site_has_no_records(records: SiteRecords):
    with pytest.raises(UnknownSiteError):
        records.add_sales("mall", [sale(0, "1", "a")])
    with pytest.raises(UnknownSiteError):
        records.days("mall", DAY, DAY)


def test_removed_site_takes_its_records_along(any_store: CountStore, records: SiteRecords):
    records.add_sales("shop", [sale(0, "1", "a")])
    records.add_counts("shop", [count(0, 15)])
    records.keep_days("shop", [kept(DAY)])

    any_store.sites.remove("shop")
    any_store.sites.add(SHOP)

    assert records.total_sales("shop", START, START + MINUTE).count == 0
    assert not records.counts("shop", START, START + MINUTE)
    assert not records.days("shop", DAY, DAY)


@pytest.mark.parametrize("camera", ["gate", "yard"])
def test_footage_of_the_past_and_erasing_let_days_be_summed_up_anew(tmp_path, camera: str):
    with open_store(make_url(make_empty(tmp_path / "ovd.db")), now=lambda: START) as store:
        store.sites.add(SHOP)
        days = [kept(DAY - timedelta(days=2)), kept(DAY)]
        store.site_records.keep_days("shop", days)
        line = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
        found = store.cameras.record(camera, "clip.mp4")
        store.zones.replace(found, (line,))
        run = store.runs.start(found, "fake", "0" * 64, START)
        store.zones.add_tracked_interval(run, make_query(), (line,), START, START + 5 * MINUTE)
        store.flush()

        left = list(store.site_records.days("shop", DAY - timedelta(days=9), DAY))
        assert left == (days[:1] if camera == "gate" else days)
        erasure = Erasure((camera,), (), None, START - timedelta(days=1, hours=12), START)
        store.erase(erasure)
        left = list(store.site_records.days("shop", DAY - timedelta(days=9), DAY))
        assert left == ([] if camera == "gate" else days)
