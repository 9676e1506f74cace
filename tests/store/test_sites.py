from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.ports import CountStore
from ovd.domain.sites import SiteRepository, SiteReset, parse_site
from ovd.errors import ConflictError, UnknownSiteError
from tests.builders import START

SHOP = parse_site({"name": "Shop", "doors": [{"camera": "gate", "line": "door"}]})
HALL = replace(SHOP, name="hall")


@pytest.fixture
def sites(any_store: CountStore) -> SiteRepository:
    return any_store.sites


def test_sites_come_by_name_and_are_found_in_any_case(sites: SiteRepository):
    sites.add(SHOP)
    sites.add(HALL)

    assert list(sites.all()) == [HALL, SHOP]
    assert sites.find(" shop ") == SHOP


def test_name_is_taken_once(sites: SiteRepository):
    sites.add(SHOP)

    with pytest.raises(ConflictError):
        sites.add(replace(SHOP, name="SHOP"))


def test_site_is_replaced_and_keeps_its_corrections(sites: SiteRepository):
    sites.add(SHOP)
    sites.add(HALL)
    reset = SiteReset(START, 3, "anna")
    sites.add_reset("shop", reset)

    sites.replace("shop", replace(SHOP, name="Market", capacity=9))

    assert sites.find("market").capacity == 9
    assert list(sites.resets("market", START, START + timedelta(seconds=1))) == [reset]
    with pytest.raises(ConflictError):
        sites.replace("market", replace(SHOP, name="Hall"))


def test_later_correction_of_the_same_time_counts(sites: SiteRepository):
    sites.add(SHOP)
    sites.add_reset("shop", SiteReset(START, 3))
    sites.add_reset("shop", SiteReset(START, 5))
    sites.add_reset("shop", SiteReset(START + timedelta(hours=1), 0))

    found = sites.resets("shop", START, START + timedelta(hours=1))

    assert [reset.people for reset in found] == [5]


def test_removed_site_is_gone_with_its_corrections(sites: SiteRepository):
    sites.add(SHOP)
    sites.add_reset("shop", SiteReset(START, 3))

    sites.remove("shop")
    sites.add(SHOP)

    assert list(sites.resets("shop", START, START + timedelta(days=1))) == []


@pytest.mark.parametrize("call", ["find", "remove"])
def test_unknown_site_is_refused(sites: SiteRepository, call: str):
    with pytest.raises(UnknownSiteError, match="there is no site 'shop'"):
        getattr(sites, call)("shop")
