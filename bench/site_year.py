"""A year of ten made-up sites: how long the weekly page and the comparison take, and what is kept.

    python -m bench.site_year [--sites 10] [--days 365] [--visitors 800]

The hours of all days are kept as they are after each day; the crossings of the last five weeks of
one site are there, too. Times are of the second question: by the clock and of the processor.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ovd.domain.cameras import CameraAddress, CameraSettings
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.sites import Site, parse_site
from ovd.domain.sites.records import KeptDay
from ovd.domain.zones import LineZone
from ovd.services.reports.buckets import Interval
from ovd.services.sites.period.buckets import SiteBucket, merge_buckets
from ovd.services.sites.period.plain import bucket_to_plain, checksum_settings
from ovd.services.sites.queues.service import QueueService
from ovd.services.sites.service import SiteService
from ovd.services.sites.weekly.page import write_week
from ovd.services.sites.weekly.week import last_week, read_week
from ovd.store import SqlStore
from ovd.texts.languages import Language
from tests.builders import make_query
from tests.fakes import FixedClock
from tests.store.databases import open_store

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
RAW_DAYS = 36
DOORS = ("front", "back", "garage")
OPENS, CLOSES = 9, 20
LINE = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))


def make_site(index: int) -> Site:
    """Return a made-up site with three doors."""
    return parse_site(
        {
            "name": f"site {index}",
            "doors": [{"name": name, "camera": name, "line": "door"} for name in DOORS],
            "hours": [f"daily {OPENS:02}:00-{CLOSES}:00"],
            "area_m2": 100 + 10 * index,
        }
    )


def make_day(site: Site, day: date, visitors: int, chance: random.Random) -> KeptDay:
    """Return a made-up day that is kept."""
    start_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    hours = []
    for hour in range(24):
        is_open = OPENS <= hour < CLOSES
        count = chance.randint(0, 2 * visitors // (CLOSES - OPENS)) // len(DOORS) if is_open else 0
        begins = start_at + timedelta(hours=hour)
        hours.append(
            SiteBucket(
                begins, begins + timedelta(hours=1), count * len(DOORS), count * len(DOORS),
                dict.fromkeys(DOORS, (count, count)), 12.0, 8, 17, 21.0,
                3600.0 * is_open, 1.0, 1.0 if is_open else None, 0,
                people_s=43200.0 * is_open, known_s=3600.0 * is_open,
                door_coverage=dict.fromkeys(DOORS, 1.0),
            )
        )  # fmt: skip
    end_at = start_at + timedelta(days=1)
    [checksum] = checksum_settings(site, [Interval(start_at, end_at)])
    plain = [bucket_to_plain(hour) for hour in hours]
    return KeptDay(day, start_at, end_at, checksum, bucket_to_plain(merge_buckets(hours)), plain)


def fill(store: SqlStore, sites: int, days: int, visitors: int) -> None:
    """Fill a database with kept days of all sites, and crossings of the last weeks."""
    chance = random.Random(5)  # noqa: S311
    for name in DOORS:
        address = CameraAddress.without_credentials(f"rtsp://127.0.0.1/{name}")
        camera = store.cameras.add(CameraSettings(name, address)).camera
        store.zones.replace(camera, (LINE,))
        run = store.runs.start(camera, "fake", "0" * 64, NOW)
        for day in range(RAW_DAYS):
            begins = NOW - timedelta(days=day + 1)
            ends = begins + timedelta(days=1)
            store.zones.add_tracked_interval(run, make_query(), (LINE,), begins, ends)
            for index in range(visitors // len(DOORS)):
                at = begins.replace(hour=OPENS) + timedelta(hours=chance.uniform(0, 10))
                for kind in (ZoneEventKind.IN, ZoneEventKind.OUT):
                    box = (0.0, 0.0, 1.0, 1.0)
                    event = CountEvent(LINE, "person", index, kind, 0, at, 0.5, box)
                    store.zones.add_event(run, make_query(), event)
                    at += timedelta(minutes=chance.uniform(5, 50))
    store.flush()
    last = NOW.date() - timedelta(days=1)
    for index in range(sites):
        site = make_site(index)
        store.sites.add(site)
        made = [make_day(site, last - timedelta(days=day), visitors, chance) for day in range(days)]
        store.site_records.keep_days(site.name, made)


def measure(name: str, ask: Callable[[], object]) -> Iterator[str]:
    """Ask twice; tell how long the second time took."""
    ask()
    clock, processor = time.perf_counter(), time.process_time()
    ask()
    took, computed = time.perf_counter() - clock, time.process_time() - processor
    yield f"| {name} | {took:.2f} s | {computed:.2f} s |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--visitors", type=int, default=800)
    given = parser.parse_args()
    clock = FixedClock(NOW)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ovd.db'}"
        with open_store(url, now=lambda: NOW) as store:
            fill(store, given.sites, given.days, given.visitors)
            sites, queues = SiteService(store.sites, store, clock), QueueService(store, clock)
            first = last_week(sites.find("site 0").hours.zone, NOW)
            year = NOW - timedelta(days=given.days)
            names = [site.name for site in sites.all()]
            print("| question | clock | processor |\n|---|---|---|")
            questions: dict[str, Callable[[], object]] = {
                "week of a site as a page (PDF)": lambda: write_week(
                    read_week(sites, queues, "site 0", first), Language.EN
                ),
                "comparison of all sites over the year": lambda: [
                    sites.summarise(name, year, NOW.replace(hour=0)) for name in names
                ],
                "28 days of a site by day": lambda: sites.history(
                    "site 0", NOW.replace(hour=0) - timedelta(days=28), NOW.replace(hour=0), "1d"
                ),
                "people inside now": lambda: sites.now("site 0"),
            }
            for name, ask in questions.items():
                print("\n".join(measure(name, ask)), flush=True)
            kept = store.site_records.days("site 0", date(2026, 12, 1), date(2026, 12, 1))
            size = sum(len(str(replace(day, settings="").hours)) for day in kept)
            print(f"\na kept day has about {size} bytes")


if __name__ == "__main__":
    main()
