"""`ovd schedules`: reports that are made repeatedly."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ovd.bootstrap import build_access, build_targets, open_history
from ovd.bootstrap.schedules import build_scheduled_reports, parse_schedule
from ovd.cli.identity import command_identity
from ovd.cli.options import AsJson, Database, settings_with
from ovd.errors import ScheduleError
from ovd.services.reports.report import ReportService
from ovd.services.reports.scheduling.service import ListedSchedule, ScheduleService
from ovd.text_files import read_toml
from ovd.video.clock import SystemClock

schedules_app = typer.Typer(
    help="Add, list, send and remove reports that are made repeatedly.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the schedule, in any case.")]
# What only ovd.toml may name: files and folders of this machine.
_OF_SETTINGS = ("folder", "logo_file")


@contextmanager
def _open(db: str | None) -> Iterator[ScheduleService]:
    settings, clock = settings_with(db=db), SystemClock()
    with closing(open_history(settings)) as store:
        audit = build_access(store).audit
        targets = build_targets(settings, store, audit, clock)
        running = build_scheduled_reports(settings, ReportService(store), targets)
        yield ScheduleService(store.schedules, parse_schedule, running, audit, clock)


@schedules_app.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.toml", help="Values as in [[schedules]]; docs/schedules.md."),
    ],
    db: Database = None,
) -> None:
    """Add a report that a running server makes from now on.

    Example: ovd schedules add weekly.toml
    """
    values = dict(read_toml(file))
    name = values.pop("name", None)
    if not isinstance(name, str):
        raise ScheduleError(f"{file} has no name; add one, as in name = 'gates-weekly'")
    refused = [key for key in _OF_SETTINGS if key in values]
    if refused:
        raise ScheduleError(f"{refused[0]} can be set in ovd.toml only; name a target, or mail")
    if "at" in values:
        values["at"] = str(values["at"])
    with _open(db) as schedules:
        added = schedules.add(command_identity(), name, values, enabled=True)
    typer.echo(_line(added))


@schedules_app.command(name="list")
def list_schedules(db: Database = None, as_json: AsJson = False) -> None:
    """List the scheduled reports with their last and next delivery, those of ovd.toml first.

    Example: ovd schedules list
    """
    with _open(db) as schedules:
        known = schedules.all()
    if as_json:
        typer.echo(json.dumps([_describe(item) for item in known], ensure_ascii=False))
        return
    for item in known:
        typer.echo(_line(item))


@schedules_app.command()
def send(name: Name, db: Database = None) -> None:
    """Deliver the last report that was due now, also if it was delivered before.

    Example: ovd schedules send gates-weekly
    """
    with _open(db) as schedules:
        period = schedules.send(command_identity(), name)
    typer.echo(f"sent {name} {period}")


@schedules_app.command()
def remove(name: Name, db: Database = None) -> None:
    """Make that report no more.

    Example: ovd schedules remove gates-weekly
    """
    with _open(db) as schedules:
        schedules.remove(command_identity(), name)
    typer.echo(f"removed {name}")


def _describe(item: ListedSchedule) -> dict[str, object]:
    schedule, last = item.standing.schedule, item.standing.last
    return {
        "name": schedule.name,
        "every": schedule.every.value,
        "at": schedule.at.isoformat("minutes"),
        "tz": schedule.zone.key,
        "format": schedule.format,
        "targets": list(schedule.targets),
        "fixed": schedule.fixed,
        "enabled": item.enabled,
        "last": None if last is None else {"period": last.period, "at": last.at.isoformat()},
        "next_at": item.standing.next_at.isoformat() if item.enabled else None,
    }


def _line(item: ListedSchedule) -> str:
    schedule, last = item.standing.schedule, item.standing.last
    parts = (
        schedule.name,
        schedule.every.value,
        f"{schedule.at.isoformat('minutes')} {schedule.zone.key}",
        schedule.format,
        f"next {item.standing.next_at.isoformat(timespec='minutes')}" if item.enabled else "off",
        f"last {last.period}" if last is not None else "",
        "from ovd.toml" if schedule.fixed else "",
    )
    return "  ".join(filter(None, parts))
