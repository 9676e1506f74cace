from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.ports import CountStore
from ovd.domain.sites import Display, parse_site
from ovd.errors import ConflictError, NotFoundError, UnknownSiteError
from tests.builders import START

SHOP = parse_site({"name": "Shop", "doors": [{"camera": "gate", "line": "door"}]})
FRONT = Display("Shop", "front", "anna", START)


@pytest.fixture
def store(any_store: CountStore) -> CountStore:
    any_store.sites.add(SHOP)
    return any_store


def test_display_is_found_by_the_hash_of_its_secret(store: CountStore):
    store.displays.add(FRONT, "a" * 64)
    store.displays.add(replace(FRONT, name="Back"), "b" * 64)

    assert store.displays.find("a" * 64) == FRONT
    assert store.displays.find("c" * 64) is None
    assert [display.name for display in store.displays.of("SHOP")] == ["Back", "front"]


def test_display_follows_the_new_name_of_its_site(store: CountStore):
    store.displays.add(FRONT, "a" * 64)

    store.sites.replace("shop", replace(SHOP, name="Market"))

    assert store.displays.find("a" * 64) == replace(FRONT, site="Market")


def test_name_is_taken_once_at_a_site(store: CountStore):
    store.displays.add(FRONT, "a" * 64)

    with pytest.raises(ConflictError):
        store.displays.add(replace(FRONT, name="FRONT"), "b" * 64)


def test_last_time_is_kept(store: CountStore):
    store.displays.add(FRONT, "a" * 64)

    store.displays.note_seen("a" * 64, START + timedelta(hours=1))
    store.displays.note_seen("c" * 64, START)

    [found] = store.displays.of("shop")
    assert found.last_seen_at == START + timedelta(hours=1)


def test_removed_display_is_gone(store: CountStore):
    store.displays.add(FRONT, "a" * 64)

    store.displays.remove("shop", "Front")

    assert store.displays.find("a" * 64) is None
    with pytest.raises(NotFoundError, match="no display 'front'"):
        store.displays.remove("shop", "front")


def test_displays_go_with_their_site(store: CountStore):
    store.displays.add(FRONT, "a" * 64)

    store.sites.remove("shop")
    store.sites.add(SHOP)

    assert store.displays.find("a" * 64) is None
    assert list(store.displays.of("shop")) == []


def test_unknown_site_is_refused(store: CountStore):
    with pytest.raises(UnknownSiteError):
        store.displays.add(replace(FRONT, site="hall"), "a" * 64)
    with pytest.raises(UnknownSiteError):
        store.displays.of("hall")
