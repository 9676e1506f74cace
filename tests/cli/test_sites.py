import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ovd

LINE = """
[[zones]]
name = "door"
kind = "line"
points = [[0.1, 0.5], [0.9, 0.5]]
"""
SHOP = """
name = "shop"
tz = "Asia/Seoul"
capacity = 9
hours = ["mon-sat 09:00-18:00"]

[[doors]]
camera = "gate"
line = "door"
"""
HOLIDAYS = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261225
SUMMARY:Christmas
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def shop(ovd: Ovd, tmp_path: Path) -> Path:
    """A file with a site whose door is a line of a camera that was counted."""
    from tests.builders import START
    from tests.store.databases import open_store

    (tmp_path / "data").mkdir(exist_ok=True)
    with open_store(f"sqlite:///{tmp_path / 'data' / 'ovd.db'}", now=lambda: START) as store:
        from ovd.domain.zones import LineZone

        camera = store.cameras.record("gate", "clip.mp4")
        store.zones.replace(camera, (LineZone("door", ((0.1, 0.5), (0.9, 0.5))),))
    file = tmp_path / "shop.toml"
    file.write_text(SHOP)
    return file


def test_site_is_added_listed_shown_and_removed(ovd: Ovd, shop: Path):
    assert ovd("sites", "add", shop).stdout == "shop  1 doors\n"
    [listed] = ovd("sites", "list", "--json").json()
    assert (listed["site"], listed["people"], listed["capacity"]) == ("shop", None, 9)
    assert "no door was observed" in ovd("sites", "list").stdout
    shown = ovd("sites", "show", "SHOP").json()
    assert shown["hours"] == ["mon,tue,wed,thu,fri,sat 09:00-18:00"]
    assert ovd("sites", "remove", "shop").stdout == "removed shop\n"


def test_what_is_shown_can_be_added_again(ovd: Ovd, shop: Path, tmp_path: Path):
    ovd("sites", "add", shop)
    (tmp_path / "shop.json").write_text(ovd("sites", "show", "shop").stdout)

    assert ovd("sites", "add", tmp_path / "shop.json").exit_code == 2
    (tmp_path / "shop.json").write_text(ovd("sites", "show", "shop").stdout.replace("shop", "Shop"))
    assert ovd("sites", "add", tmp_path / "shop.json", "--replace").stdout == "Shop  1 doors\n"


def test_correction_is_told_in_the_time_of_the_site(ovd: Ovd, shop: Path):
    ovd("sites", "add", shop)

    kept = ovd("sites", "reset", "shop", "--people", "4", "--at", "2026-03-02T10:00")

    assert kept.stdout == "shop  4 inside at 2026-03-02T10:00:00+09:00\n"
    shown = ovd("sites", "occupancy", "shop", "--from", "2026-03-02T10:00", "--to",
                "2026-03-02T11:00", "--json")  # fmt: skip
    [hour] = shown.json()
    assert (hour["people"], hour["entered"], hour["coverage"]) == (4.0, None, 0.0)


def test_holidays_are_taken_from_a_calendar(ovd: Ovd, shop: Path, tmp_path: Path):
    ovd("sites", "add", shop)
    (tmp_path / "holidays.ics").write_text(HOLIDAYS)

    taken = ovd("sites", "holidays", "shop", tmp_path / "holidays.ics")

    assert taken.stdout == "shop  1 days added, 1 in all\n"
    assert ovd("sites", "show", "shop").json()["holidays"][0]["name"] == "Christmas"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "no TOML or JSON"),
        ("[1, 2]", "holds no site"),
        (SHOP.replace('line = "door"', 'line = "exit"'), "its lines: door"),
        (SHOP.replace("gate", "roof"), "roof"),
    ],
)
def test_wrong_file_is_refused_in_words(ovd: Ovd, shop: Path, text: str, told: str):
    shop.write_text(text)

    refused = ovd("sites", "add", shop)

    assert refused.exit_code == 2
    assert refused.stderr.startswith("error[bad_site]: ")
    assert told in refused.stderr


def test_unknown_site_and_bucket_are_refused(ovd: Ovd, shop: Path):
    assert ovd("sites", "reset", "mall").stderr.startswith("error[unknown_site]")
    assert json.loads(ovd("sites", "list", "--json").stdout) == []
    ovd("sites", "add", shop)
    assert "known: 1s" in ovd("sites", "occupancy", "shop", "--bucket", "2h").stderr


def test_screens_are_listed_and_removed(ovd: Ovd, shop: Path, tmp_path: Path):
    from ovd.domain.sites import Display
    from tests.builders import START
    from tests.store.databases import open_store

    ovd("sites", "add", shop)
    with open_store(f"sqlite:///{tmp_path / 'data' / 'ovd.db'}") as store:
        store.displays.add(Display("shop", "tablet", "anna", START), "a" * 64)

    assert ovd("sites", "displays", "shop").stdout == "tablet  last seen never\n"
    assert ovd("sites", "displays", "shop", "--remove", "tablet").stdout == "removed tablet\n"
    assert ovd("sites", "displays", "shop", "--remove", "tablet").exit_code == 2


def test_sales_and_counts_are_imported_and_a_period_is_told(ovd: Ovd, shop: Path, tmp_path: Path):
    shop.write_text(SHOP + '\n[[doors]]\nname = "garage"\nimported = true\n')
    ovd("sites", "add", shop)
    (tmp_path / "sales.csv").write_text("time,amount\n2026-03-02T10:30,12.5\n")
    (tmp_path / "garage.csv").write_text(
        "door,start,minutes,entered,left\ngarage,2026-03-02T10:00,60,9,4\n"
    )

    sold = ovd("sites", "sales", "shop", tmp_path / "sales.csv")
    counted = ovd("sites", "counts", "shop", tmp_path / "garage.csv")
    period = ("--from", "2026-03-02T09:00", "--to", "2026-03-02T18:00")
    told = ovd("sites", "summary", "shop", *period)
    compared = ovd("sites", "compare", *period, "--json").json()

    assert sold.stdout.startswith("shop  1 of 1 transactions are new  2026-03-02T10:30:00+09:00")
    assert counted.stdout == "shop  1 counts: 9 in, 4 out\n"
    assert "entered     9 (0 while closed)" in told.stdout
    assert "conversion  -" in told.stdout  # one door was never observed
    assert (compared[0]["entered_open"], compared[0]["sales"]["transactions"]) == (9, 1)
    assert "shop" in ovd("sites", "compare", *period).stdout
    assert ovd("sites", "queues", "shop").stdout == ""


def test_week_is_written_once(ovd: Ovd, shop: Path, tmp_path: Path):
    ovd("sites", "add", shop)
    file = tmp_path / "week.pdf"

    assert ovd("sites", "weekly", "shop", "--week", "2026-03-02", "-o", file).exit_code == 0
    assert file.read_bytes().startswith(b"%PDF")
    again = ovd("sites", "weekly", "shop", "--week", "2026-03-02", "-o", file)
    assert again.stderr.startswith("error[bad_output]")
