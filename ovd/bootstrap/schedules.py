"""Scheduled reports: those of the settings and of the database, and where they go."""

from collections.abc import Mapping

from pydantic import ValidationError

from ovd.bootstrap.mail import build_mailer
from ovd.domain.ports.notify import JsonValue, Notice
from ovd.domain.time_zones import load_zone
from ovd.errors import DeliveryError, ScheduleError
from ovd.services.alerts.delivery.targets import TargetService
from ovd.services.reports.report import ReportService
from ovd.services.reports.scheduling.deliveries import Deliveries
from ovd.services.reports.scheduling.making import ReportMaker
from ovd.services.reports.scheduling.schedule import Recurrence, Schedule
from ovd.services.reports.scheduling.scheduler import Outlets, ScheduledReports
from ovd.settings import WEEKDAYS, ScheduleSettings, Settings
from ovd.video.clock import SystemClock


def build_scheduled_reports(
    settings: Settings, reports: ReportService, targets: TargetService | None = None
) -> ScheduledReports:
    """Return the runner of the settings' schedules, not started yet."""
    clock = SystemClock()

    def notify(name: str, notice: Notice) -> None:
        if targets is None:
            raise DeliveryError(f"there is no target {name!r}")
        targets.open(targets.find(name)).send(notice)

    return ScheduledReports(
        build_schedules(settings),
        ReportMaker(reports, clock, settings.public_url),
        Deliveries(settings.data_dir / "schedules"),
        clock,
        Outlets(build_mailer(settings), notify),
    )


def build_schedules(settings: Settings) -> list[Schedule]:
    """Return the settings' schedules."""
    return [build_schedule(entry, fixed=True) for entry in settings.schedules]


def build_schedule(entry: ScheduleSettings, fixed: bool = False) -> Schedule:
    """Return the schedule of a table."""
    return Schedule(
        name=entry.name,
        every=Recurrence(entry.every),
        at=entry.at,
        zone=load_zone(entry.tz),
        weekday=WEEKDAYS.index(entry.weekday),
        cameras=entry.cameras,
        queries=entry.queries,
        bucket=entry.bucket,
        format=entry.format,
        folder=entry.folder,
        to=entry.to,
        targets=entry.targets,
        language=entry.language,
        title=entry.title,
        compares=entry.compare is not None,
        logo=entry.read_logo(),
        fixed=fixed,
    )


def parse_schedule(values: Mapping[str, JsonValue]) -> Schedule:
    """Return the schedule of values as in `[[schedules]]`.

    Raises:
        ScheduleError: If one of them cannot be used.
    """
    try:
        return build_schedule(ScheduleSettings.model_validate(values))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}".removeprefix(": ")
            for item in error.errors(include_input=False, include_url=False)
        )
        raise ScheduleError(f"the schedule cannot be used: {problems}") from None
