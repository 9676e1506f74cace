from datetime import timedelta

import pytest

from ovd.domain.sites import parse_site
from ovd.errors import NotFoundError, SiteError, UnknownSiteError
from ovd.services.sites.displays import (
    CODE_LASTS,
    MOST_WAITING,
    MOST_WAITING_OF_ADDRESS,
    DisplayService,
)
from tests.builders import START
from tests.fakes import FixedClock
from tests.memory_sites import MemorySites

SHOP = parse_site({"name": "Shop", "doors": [{"camera": "gate", "line": "door"}]})


class Shop:
    def __init__(self) -> None:
        self.sites = MemorySites()
        self.sites.add(SHOP)
        self.clock = FixedClock(START)
        self.displays = DisplayService(self.sites.displays, self.clock)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_code_lets_the_screen_that_shows_it_in(shop: Shop):
    secret, waiting = shop.displays.begin("192.0.2.1")
    other, _ = shop.displays.begin("192.0.2.1")
    assert shop.displays.find(secret) is None

    spoken = f"{waiting.code[:3].lower()}-{waiting.code[3:]} "
    paired = shop.displays.pair("shop", "front", spoken, "anna")

    assert (paired.site, paired.name, paired.paired_by) == ("shop", "front", "anna")
    assert shop.displays.find(secret) is not None
    assert shop.displays.find(other) is None
    assert shop.displays.waiting(secret) is None


@pytest.mark.parametrize("code", ["", "ZZZ ZZZ", "' OR 1=1"])
def test_code_that_no_screen_shows_is_refused(shop: Shop, code: str):
    shop.displays.begin("192.0.2.1")

    with pytest.raises(NotFoundError, match="no screen shows the code"):
        shop.displays.pair("shop", "front", code, "anna")


def test_code_ends(shop: Shop):
    secret, waiting = shop.displays.begin("192.0.2.1")

    shop.clock.advance(CODE_LASTS.total_seconds())

    assert shop.displays.waiting(secret) is None
    with pytest.raises(NotFoundError):
        shop.displays.pair("shop", "front", waiting.code, "anna")


@pytest.mark.parametrize(
    ("site", "name", "error"), [("hall", "front", UnknownSiteError), ("shop", " ", SiteError)]
)
def test_screen_still_waits_after_a_mistake(
    shop: Shop, site: str, name: str, error: type[Exception]
):
    secret, waiting = shop.displays.begin("192.0.2.1")

    with pytest.raises(error):
        shop.displays.pair(site, name, waiting.code, "anna")

    assert shop.displays.waiting(secret) == waiting


def test_one_address_cannot_use_up_the_codes(shop: Shop):
    patient, _ = shop.displays.begin("192.0.2.1")

    for _ in range(MOST_WAITING + 1):
        shop.displays.begin("192.0.2.66")

    assert shop.displays.waiting(patient) is not None
    first, *_ = [shop.displays.begin("192.0.2.2")[0] for _ in range(MOST_WAITING_OF_ADDRESS + 1)]
    assert shop.displays.waiting(first) is None


def test_time_of_a_display_is_noted_now_and_then(shop: Shop):
    secret, waiting = shop.displays.begin("192.0.2.1")
    shop.displays.pair("shop", "front", waiting.code, "anna")

    for minutes in (0, 3, 6):
        shop.clock.advance(60 * minutes)
        shop.displays.find(secret)
    [found] = shop.displays.of("shop")
    assert found.last_seen_at == START

    shop.clock.advance(60)
    shop.displays.find(secret)
    [found] = shop.displays.of("shop")
    assert found.last_seen_at == START + timedelta(minutes=10)
