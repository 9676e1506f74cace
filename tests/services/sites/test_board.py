from datetime import timedelta

import pytest

from ovd.domain.sites import Site, parse_site
from ovd.services.sites.board import Level, make_board
from ovd.services.sites.occupancy import OccupancyPoint
from ovd.services.sites.service import OccupancyNow
from tests.builders import START

DOORS = [{"camera": "gate", "line": "door"}]
SHOP = parse_site({"name": "Shop", "doors": DOORS, "capacity": 20})


def now(people: float | None, observed: bool = True, site: Site = SHOP) -> OccupancyNow:
    point = OccupancyPoint(START, people, people, people, None, observed)
    return OccupancyNow(site, point, 0, 0, START - timedelta(hours=1), site.hours.is_open(START))


@pytest.mark.parametrize(
    ("people", "level"),
    [
        (0, Level.FREE),
        (16.4, Level.FREE),
        (16.6, Level.BUSY),
        (19.4, Level.BUSY),
        (19.6, Level.FULL),
        (33, Level.FULL),
    ],
)
def test_level_follows_the_rounded_number(people: float, level: Level):
    board = make_board(now(people))

    assert (board.level, board.people) == (level, round(people))


@pytest.mark.parametrize(("people", "observed"), [(None, True), (3, False), (None, False)])
def test_number_that_may_be_wrong_is_not_shown(people: float | None, observed: bool):
    board = make_board(now(people, observed))

    assert (board.level, board.people) == (Level.UNKNOWN, None)


def test_without_capacity_there_is_always_room():
    site = parse_site({"name": "Park", "doors": DOORS})

    assert make_board(now(900, site=site)).level is Level.UNLIMITED


def test_closed_site_says_when_it_opens():
    """`START` is a Sunday, 12:00 UTC."""
    hours = ["tue-fri 09:30-18:00"]
    site = parse_site({"name": "Shop", "doors": DOORS, "tz": "Europe/Berlin", "hours": hours})

    board = make_board(now(2, site=site))

    assert (board.level, board.people) == (Level.CLOSED, None)
    assert board.opens_at is not None
    assert f"{board.opens_at:%A %H:%M}" == "Tuesday 09:30"
