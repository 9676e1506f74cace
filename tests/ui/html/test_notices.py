import pytest

from ovd.domain.ports import Capacity
from ovd.domain.records import StoreHealth, StoreState
from ovd.texts.page import ENGLISH, KOREAN
from ovd.ui.html.notices import capacity, store_notice
from tests.ui.samples import MARKUP


def test_store_in_order_has_no_notice():
    assert store_notice(StoreHealth(StoreState.GOOD, 3, 5), ENGLISH) == ""


@pytest.mark.parametrize(("texts", "words"), [(ENGLISH, "nearly full"), (KOREAN, "거의 찼습니다")])
def test_store_without_room_says_so_in_the_language_of_the_page(texts, words):
    health = StoreHealth(StoreState.LOW_SPACE, 0, 12_400_000, "detail")

    notice = store_notice(health, texts)

    assert words in notice
    assert "12 MB" in notice


def test_store_that_cannot_write_says_how_much_waits_and_why():
    health = StoreHealth(StoreState.FAILING, 1234, None, f"the disk is full {MARKUP}")

    notice = store_notice(health, ENGLISH)

    assert "1,234 wait in memory: the disk is full" in notice
    assert MARKUP not in notice
    assert 'role="alert"' in notice


def test_capacity_is_told_once_it_is_known():
    known, unknown = Capacity(14.4, 4.0, 2, ()), Capacity(None, 4.0, 2, ())

    assert capacity(known, 2.0, ENGLISH).endswith("14 frames per second: 7 cameras at 2 each.")
    assert capacity(unknown, 2.0, ENGLISH) == ""
