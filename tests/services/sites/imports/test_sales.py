from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ovd.domain.sites import parse_site
from ovd.errors import SalesError, UnknownSiteError
from ovd.services.sites.imports.sales import SalesService
from tests.fakes import FixedClock, MemoryStore

SITE = parse_site(
    {
        "name": "shop",
        "tz": "Asia/Seoul",
        "doors": [{"camera": "gate", "line": "door"}],
        "hours": ["daily 10:00-20:00"],
    }
)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = (datetime(2026, 3, 1, 15, tzinfo=UTC), datetime(2026, 3, 2, 15, tzinfo=UTC))
FILE = """time,amount,register
2026-03-02T10:30,12.50,till 1
2026-03-02T10:30,12.50,till 1
2026-03-02T11:00,-5,till 2
"""


@pytest.fixture
def sales() -> SalesService:
    store = MemoryStore()
    store.sites.add(SITE)
    return SalesService(store.sites, store.site_records, FixedClock(NOW))


def test_two_equal_sales_are_two_and_the_same_file_again_adds_none(sales: SalesService):
    first, again = (sales.add_file("shop", FILE) for _ in range(2))

    assert (first.read, first.added, again.added) == (3, 3, 0)
    assert first.first_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    total = sales.total("shop", *DAY)
    assert (total.count, total.amount) == (2, Decimal(20))


def test_number_of_the_till_system_decides_what_is_the_same(sales: SalesService):
    text = "id;time;amount\nA1;2026-03-02T10:30;12,50\nA2;2026-03-02T10:30;12,50\n"

    sales.add_file("shop", text)
    later = sales.add_file("shop", text + "A3;2026-03-02T12:00;1000,25\n")

    assert later.added == 1
    assert sales.total("shop", *DAY).amount == Decimal("1025.25")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column 'time'"),
        ("time,sum\n2026-03-02,1\n", "no column 'amount'"),
        ("time,amount\n", "no line below"),
        (FILE + "noon,3,till 1\n", "line 5: time is 'noon'"),
        (FILE + "2026-03-02T12:00,free,till 1\n", "line 5: amount is 'free'"),
        (FILE + "2026-03-02T12:00,NaN,till 1\n", "line 5"),
        (FILE + "2026-03-05T12:00,3,till 1\n", "lies ahead"),
        ("time,amount\n" + "x,y\n" * 30, "and 20 lines more"),
    ],
)
def test_file_with_a_wrong_line_is_refused_whole(sales: SalesService, text: str, told: str):
    with pytest.raises(SalesError, match=told):
        sales.add_file("shop", text)

    assert sales.total("shop", *DAY).count == 0


def test_sales_of_another_zone_are_refused_unless_they_are_right(sales: SalesService):
    lines = [f"2026-03-02T{hour:02}:00,1" for hour in range(12) for _ in range(2)]
    text = "\n".join(["time,amount", *lines])

    with pytest.raises(SalesError, match=r"Asia/Seoul.*another zone"):
        sales.add_file("shop", text)

    assert sales.add_file("shop", text, tz="UTC").added == 24
    assert sales.add_file("shop", text, force=True).read == 24


def test_sales_of_a_period_are_removed(sales: SalesService):
    sales.add_file("shop", FILE)

    assert sales.remove("shop", DAY[0], DAY[0] + timedelta(hours=11)) == 2
    assert sales.total("shop", *DAY).count == 0


def test_unknown_site_is_refused(sales: SalesService):
    with pytest.raises(UnknownSiteError):
        sales.add_file("mall", FILE)
