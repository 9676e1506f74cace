import pytest

from ovd.domain.sites import describe_site, parse_site
from ovd.errors import SiteError

SHOP = {
    "name": "Market Street",
    "tz": "Asia/Seoul",
    "query": "person",
    "doors": [
        {
            "name": "front",
            "camera": "gate",
            "line": "door",
            "enter": "in",
            "more": [{"camera": "gate 2", "line": "door", "enter": "out"}],
            "passing": [{"camera": "gate", "line": "pavement"}],
            "imported": False,
        },
        {
            "name": "back",
            "camera": "yard",
            "line": "door",
            "enter": "out",
            "more": [],
            "passing": [],
            "imported": False,
        },
    ],
    "room": {"camera": "hall", "query": "people"},
    "hours": ["mon,tue,wed,thu,fri 09:00-18:00", "sat 10:00-02:00"],
    "holidays": [{"day": "2026-12-25", "name": "Christmas", "hours": []}],
    "capacity": 40,
    "reset": "closing",
    "area_m2": 120.5,
    "queues": [
        {"name": "till", "camera": "hall", "area": "queue", "front": "till", "limit_s": 180.0}
    ],
    "staff": {"areas": [{"camera": "hall", "area": "counter"}], "turn_back_s": 60.0},
    "currency": "EUR",
}
GARAGE = {"name": "garage", "imported": True}


def test_site_is_described_as_it_was_read():
    assert describe_site(parse_site(SHOP)) == SHOP


def test_site_needs_all_cameras_of_its_doors_queues_and_staff():
    assert parse_site(SHOP).cameras == {"gate", "gate 2", "yard", "hall"}


def test_door_whose_counts_are_imported_has_no_line():
    site = parse_site({"name": "shop", "doors": [GARAGE]})

    assert (site.doors[0].lines, site.cameras) == ((), frozenset())
    assert parse_site(describe_site(site)) == site


def test_site_needs_a_name_and_a_door_only():
    site = parse_site({"name": "shop", "doors": [{"camera": "gate", "line": "door"}]})

    assert (site.query, site.hours.weekly, site.capacity) == ("person", (), None)
    assert site.doors[0].name == "door"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": " "}, "printable name"),
        ({"name": "a/b"}, "no slash"),
        ({"name": 3}, "a text is wanted"),
        ({"doors": []}, "has no door"),
        ({"doors": [{"camera": "gate"}]}, '"line"'),
        ({"doors": [{"camera": "gate", "line": "x", "enter": "up"}]}, '"in" or "out"'),
        ({"doors": ["gate"]}, "a table of keys"),
        ({"doors": SHOP["doors"] * 2}, "used by two doors"),
        ({"doors": [SHOP["doors"][0], SHOP["doors"][0] | {"enter": "out"}]}, "opposite senses"),
        (
            {"doors": [SHOP["doors"][0], SHOP["doors"][1] | {"name": "FRONT"}]},
            "two doors are named",
        ),
        ({"doors": [GARAGE | {"line": "x", "camera": "gate"}]}, "two doors"),
        ({"doors": [GARAGE | {"imported": "yes"}]}, "true or false"),
        ({"doors": [SHOP["doors"][1] | {"more": [SHOP["doors"][1]]}]}, "has the key"),
        ({"doors": [SHOP["doors"][1] | {"passing": [{"camera": "yard", "line": "DOOR"}]}]}, "own"),
        (
            {
                "doors": [
                    SHOP["doors"][0],
                    SHOP["doors"][1] | {"more": [{"camera": "gate", "line": "door"}]},
                ]
            },
            "used by two doors",
        ),
        ({"queues": [SHOP["queues"][0]] * 2}, "same name"),
        ({"queues": [SHOP["queues"][0] | {"limit_s": 0}]}, "limit"),
        ({"staff": {"turn_back_s": -1}}, "turn_back_s"),
        ({"currency": "euros"}, "three letters"),
        ({"tz": "Mars/Base"}, "IANA"),
        ({"hours": "mon"}, "a list of texts"),
        ({"hours": ["sometimes"]}, "opening hours"),
        ({"holidays": [{"day": "25.12."}]}, "a date such as"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 1.5}, "whole number"),
        ({"capacity": True}, "whole number"),
        ({"area_m2": -1}, "area_m2"),
        ({"reset": "noon"}, '"reset"'),
        ({"reset": "closing", "hours": []}, "never closes"),
        ({"colour": "red"}, "'colour'; known"),
    ],
)
def test_wrong_value_is_refused_in_words(change: dict[str, object], told: str):
    with pytest.raises(SiteError) as refused:
        parse_site(SHOP | change)

    assert told in str(refused.value)
