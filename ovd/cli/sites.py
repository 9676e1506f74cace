"""`ovd sites`: places whose visitors are counted at their doors."""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ovd.bootstrap import open_catalogue
from ovd.cli.identity import command_identity
from ovd.cli.options import AsJson, Database, settings_with
from ovd.cli.timestamps import parse_moment
from ovd.domain.names import name_key
from ovd.domain.sites import Site, describe_site, parse_site
from ovd.errors import InputError, OutputError, SiteError
from ovd.services.reports.buckets import BUCKETS
from ovd.services.sites.answers import (
    describe_bucket,
    describe_now,
    describe_queue,
    describe_queue_now,
    describe_summary,
)
from ovd.services.sites.holidays import read_holidays
from ovd.services.sites.imports.counts import CountImport
from ovd.services.sites.imports.sales import SalesService
from ovd.services.sites.lines import comparison_lines, queue_lines, summary_lines
from ovd.services.sites.queues.service import QueueService
from ovd.services.sites.service import OccupancyNow, SiteService
from ovd.services.sites.weekly.page import write_week
from ovd.services.sites.weekly.week import last_week, read_week
from ovd.text_files import read_text
from ovd.texts.languages import Language
from ovd.video.clock import SystemClock

sites_app = typer.Typer(
    help="Sites: people inside over all doors, opening hours, flows.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the site.")]
SiteFile = Annotated[
    Path, typer.Argument(metavar="FILE.toml", help="One site, or many as [[sites]].")
]
Start = Annotated[
    str | None, typer.Option("--from", metavar="ISO8601", help="First moment; default: a day ago.")
]
End = Annotated[
    str | None, typer.Option("--to", metavar="ISO8601", help="Moment after the last; default: now.")
]
WeekStart = Annotated[
    str | None, typer.Option("--from", metavar="ISO8601", help="First moment; default: a week ago.")
]
Zone = Annotated[
    str,
    typer.Option("--tz", metavar="ZONE", help="Of times without an offset; default: the site's."),
]
Bucket = Annotated[str, typer.Option(help="1m, 15m, 1h or 1d.")]


@contextmanager
def open_sites(db: str | None) -> Iterator[SiteService]:
    """Open the sites of the database of the settings."""
    with closing(open_catalogue(settings_with(db=db))) as store:
        yield SiteService(store.sites, store, SystemClock())


@sites_app.command()
def add(file: SiteFile, replace: bool = False, db: Database = None) -> None:
    """Add the sites of a file; `--replace` changes those that there are.

    Example: ovd sites add shop.toml
    """
    sites = _read_file(file)
    with open_sites(db) as service:
        known = {name_key(site.name) for site in service.all()}
        for site in sites:
            if replace and name_key(site.name) in known:
                service.replace(site.name, site)
            else:
                service.add(site)
            typer.echo(f"{site.name}  {len(site.doors)} doors")


@sites_app.command(name="list")
def list_sites(db: Database = None, as_json: AsJson = False) -> None:
    """List the sites and how many people are inside.

    Example: ovd sites list
    """
    with open_sites(db) as service:
        found = [service.now(site.name) for site in service.all()]
    if as_json:
        typer.echo(json.dumps([describe_now(now) for now in found], ensure_ascii=False))
        return
    for now in found:
        typer.echo(_line(now))


@sites_app.command()
def show(name: Name, db: Database = None) -> None:
    """Print a site as JSON, as `add` and the API take it.

    Example: ovd sites show "Market Street"
    """
    with open_sites(db) as service:
        site = service.find(name)
    typer.echo(json.dumps(describe_site(site), ensure_ascii=False, indent=2))


@sites_app.command()
def occupancy(
    name: Name,
    start: Start = None,
    end: End = None,
    bucket: Bucket = "1h",
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show entered, left and inside by interval of the site's clock.

    Example: ovd sites occupancy shop --from 2026-03-01 --bucket 1h
    """
    if bucket not in BUCKETS:
        raise InputError(f"unknown bucket {bucket!r}; known: {', '.join(BUCKETS)}")
    with open_sites(db) as service:
        zone = service.find(name).hours.zone
        until = SystemClock().now() if end is None else _moment(end, zone)
        since = until - timedelta(days=1) if start is None else _moment(start, zone)
        buckets = service.history(name, since, until, bucket)
    if as_json:
        described = [describe_bucket(item, zone) for item in buckets]
        typer.echo(json.dumps(described, ensure_ascii=False))
        return
    typer.echo(f"{'':16}  entered  left  inside       most  coverage")
    for item in buckets:
        band = "-" if item.people is None else f"{item.people:.0f} ({item.low:.0f}-{item.high:.0f})"
        typer.echo(
            f"{item.start_at.astimezone(zone):%Y-%m-%d %H:%M}  {_number(item.entered):>7}  "
            f"{_number(item.left):>4}  {band:<11}  {_number(item.most):>4}  {item.coverage:>8.0%}"
        )


@sites_app.command()
def reset(
    name: Name,
    people: Annotated[int, typer.Option(help="How many people are inside.")] = 0,
    at: Annotated[str | None, typer.Option(metavar="ISO8601", help="When; default: now.")] = None,
    db: Database = None,
) -> None:
    """Set how many people are inside; what was counted before stays as it is.

    Example: ovd sites reset shop --people 3
    """
    with open_sites(db) as service:
        zone = service.find(name).hours.zone
        moment = None if at is None else _moment(at, zone)
        kept = service.reset(name, people, command_identity().name, moment)
    typer.echo(f"{name}  {kept.people} inside at {kept.at.astimezone(zone).isoformat()}")


@sites_app.command()
def holidays(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE.ics", help="An iCalendar file.")],
    db: Database = None,
) -> None:
    """Take the days of an iCalendar file as closed, beside those that are set.

    Example: ovd sites holidays shop holidays.ics
    """
    with open_sites(db) as service:
        site = service.find(name)
        days = read_holidays(_read(file), site.hours.zone)
        changed = site.with_special_days(days)
        service.replace(name, changed)
    added = len(changed.hours.special) - len(site.hours.special)
    typer.echo(f"{site.name}  {added} days added, {len(changed.hours.special)} in all")


@sites_app.command()
def summary(
    name: Name,
    start: WeekStart = None,
    end: End = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell a period in short: visitors, rates, doors, mean stay, sales, best hour.

    Example: ovd sites summary shop --from 2026-03-02 --to 2026-03-09
    """
    with open_sites(db) as service:
        found = service.summarise(name, *_range(service.find(name).hours.zone, start, end, 7))
    if as_json:
        typer.echo(json.dumps(describe_summary(found), ensure_ascii=False))
        return
    for line in summary_lines(found):
        typer.echo(line)


@sites_app.command()
def compare(
    start: WeekStart = None, end: End = None, db: Database = None, as_json: AsJson = False
) -> None:
    """Compare the sites in a period: visitors, by open hour and by square metre, conversion.

    Example: ovd sites compare --from 2026-01-01 --to 2027-01-01
    """
    with open_sites(db) as service:
        found = [
            service.summarise(site.name, *_range(site.hours.zone, start, end, 7))
            for site in service.all()
        ]
    if as_json:
        typer.echo(json.dumps([describe_summary(each) for each in found], ensure_ascii=False))
        return
    for line in comparison_lines(found):
        typer.echo(line)


@sites_app.command()
def queues(
    name: Name,
    start: Start = None,
    end: End = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell the queues of a site: people now, waits, who gave up; by default of the last day.

    Example: ovd sites queues shop
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        service = QueueService(store, SystemClock())
        zone = store.sites.find(name).hours.zone
        now, period = service.now(name), service.summarise(name, *_range(zone, start, end, 1))
    if as_json:
        described = {
            "now": [describe_queue_now(each) for each in now],
            "period": [describe_queue(each) for each in period],
        }
        typer.echo(json.dumps(described, ensure_ascii=False))
        return
    for line in queue_lines(now, period):
        typer.echo(line)


@sites_app.command()
def weekly(
    name: Name,
    week: Annotated[
        str | None, typer.Option(metavar="DATE", help="First day; default: the last whole week.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE.pdf")] = None,
    language: Annotated[Language, typer.Option(help="en or ko.")] = Language.EN,
    db: Database = None,
) -> None:
    """Write the report of a week of a site: one page as PDF.

    Example: ovd sites weekly shop --week 2026-03-02 -o shop.pdf
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        clock = SystemClock()
        service = SiteService(store.sites, store, clock)
        zone = service.find(name).hours.zone
        first = last_week(zone, clock.now()) if week is None else _moment(week, zone).date()
        found = read_week(service, QueueService(store, clock), name, first)
    file = output or Path(f"site-week-{first.isoformat()}.pdf")
    try:
        with file.open("xb") as opened:
            opened.write(write_week(found, language))
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror}; name another file") from error
    typer.echo(str(file))


@sites_app.command()
def sales(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="time,amount,register,id")],
    tz: Zone = "",
    force: Annotated[bool, typer.Option("--force", help="Also outside opening hours.")] = False,
    db: Database = None,
) -> None:
    """Keep the transactions of a till, for conversion; the same file again adds nothing.

    Example: ovd sites sales shop transactions.csv
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        service = SalesService(store.sites, store.site_records, SystemClock())
        done = service.add_file(name, _read(file), tz, force)
        zone = store.sites.find(name).hours.zone
    first, last = (at.astimezone(zone).isoformat() for at in (done.first_at, done.last_at))
    typer.echo(f"{name}  {done.added} of {done.read} transactions are new  {first} - {last}")


@sites_app.command()
def counts(
    name: Name,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="door,start,minutes,entered,left")
    ],
    tz: Zone = "",
    db: Database = None,
) -> None:
    """Keep what another counter counted at doors that are marked as imported.

    Example: ovd sites counts shop garage.csv
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        service = CountImport(store.sites, store.site_records)
        read = service.add_file(name, _read(file), file.name, tz)
    entered, left = (sum(getattr(count, of) for count in read) for of in ("entered", "left"))
    typer.echo(f"{name}  {len(read)} counts: {entered} in, {left} out")


@sites_app.command()
def displays(
    name: Name,
    remove: Annotated[str | None, typer.Option(metavar="DISPLAY", help="Forget this one.")] = None,
    db: Database = None,
) -> None:
    """List the screens that show a site; screens are paired on the page `/display`.

    Example: ovd sites displays shop
    """
    with closing(open_catalogue(settings_with(db=db))) as store:
        if remove is not None:
            store.displays.remove(name, remove)
            typer.echo(f"removed {remove}")
        for display in store.displays.of(name):
            seen = display.last_seen_at
            typer.echo(f"{display.name}  last seen {'never' if seen is None else seen.isoformat()}")


@sites_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Remove a site; what its doors counted stays.

    Example: ovd sites remove shop
    """
    with open_sites(db) as service:
        service.remove(name)
    typer.echo(f"removed {name}")


def _read_file(file: Path) -> list[Site]:
    text = _read(file)
    try:
        values = json.loads(text) if text.lstrip().startswith(("{", "[")) else tomllib.loads(text)
    except ValueError as error:
        raise SiteError(f"{file.name} is no TOML or JSON: {error}") from None
    entries = values.get("sites", [values]) if isinstance(values, dict) else values
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise SiteError(f"{file.name} holds no site: keys such as name and doors are wanted")
    return [parse_site(entry) for entry in entries]


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else read_text(file)
    except (OSError, UnicodeDecodeError) as error:
        raise SiteError(f"cannot read {file}: {error}; give a text file in UTF-8") from error


def _line(now: OccupancyNow) -> str:
    point, site = now.point, now.site
    if point.people is None:
        return f"{site.name}  unknown: no door was observed since the last reset"
    of = "" if site.capacity is None else f" of {site.capacity}"
    return (
        f"{site.name}  {point.people:.0f}{of} inside ({point.low:.0f}-{point.high:.0f})  "
        f"{now.entered} in, {now.left} out  {'open' if now.is_open else 'closed'}"
    )


def _moment(text: str, zone: ZoneInfo) -> datetime:
    return parse_moment(text, zone)


def _range(
    zone: ZoneInfo, start: str | None, end: str | None, days: int
) -> tuple[datetime, datetime]:
    until = SystemClock().now() if end is None else _moment(end, zone)
    return until - timedelta(days=days) if start is None else _moment(start, zone), until


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
