"""ScheduleService: schedules of the database beside those of the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ovd.domain.access import Identity
from ovd.domain.names import name_key
from ovd.domain.ports import Clock
from ovd.domain.ports.notify import Attachment, JsonValue
from ovd.domain.ports.schedules import ScheduleRecord, ScheduleRepository
from ovd.errors import ScheduleError
from ovd.services.access.audit import AuditLog
from ovd.services.reports.scheduling.schedule import Schedule
from ovd.services.reports.scheduling.scheduler import ScheduledReports, ScheduleStanding

Values = Mapping[str, JsonValue]
ParseSchedule = Callable[[Values], Schedule]


@dataclass(frozen=True)
class ListedSchedule:
    """A schedule, whether its reports are made, and how it stands."""

    standing: ScheduleStanding
    enabled: bool


class ScheduleService:
    """Changes, lists and runs schedules; every change is written to the audit log."""

    def __init__(
        self,
        stored: ScheduleRepository,
        parse: ParseSchedule,
        running: ScheduledReports,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """Let those of the repository run too.

        Args:
            stored: The schedules that people change.
            parse: Makes a schedule of its values; raises ScheduleError.
            running: Runs them.
            audit: Told of every change.
            clock: Dates them.
        """
        self._stored = stored
        self._parse = parse
        self._running = running
        self._audit = audit
        self._clock = clock
        running.follow(self.enabled)

    def enabled(self) -> tuple[Schedule, ...]:
        """Return the schedules of the database whose reports are made.

        Raises:
            StoreError: If they cannot be read.
        """
        return tuple(self._open(record) for record in self._stored.all() if record.enabled)

    def all(self) -> tuple[ListedSchedule, ...]:
        """Return all schedules, those of the settings first.

        Raises:
            StoreError: If they cannot be read.
        """
        standing = self._running.standing
        fixed = [ListedSchedule(standing(item), True) for item in self._running.fixed]
        kept = [
            ListedSchedule(standing(self._open(record)), record.enabled)
            for record in self._stored.all()
        ]
        return (*fixed, *kept)

    def find(self, name: str) -> ListedSchedule:
        """Return the schedule of a name.

        Raises:
            ScheduleError: If there is none.
            StoreError: If it cannot be read.
        """
        for item in self.all():
            if name_key(item.standing.schedule.name) == name_key(name):
                return item
        raise ScheduleError(f"there is no schedule {name[:64]!r}")

    def add(self, who: Identity, name: str, values: Values, enabled: bool) -> ListedSchedule:
        """Add a schedule; its first report is the next one that is due.

        Raises:
            ScheduleError: If the name is taken, or a value cannot be used.
            StoreError: If it cannot be written.
        """
        record = ScheduleRecord(name, dict(values), enabled, self._clock.now())
        schedule = self._open(record)
        self._refuse_fixed(schedule.name)
        self._stored.add(record)
        self._running.forget(schedule.name)
        self._running.wake()
        self._audit.note(who, "schedules.add", schedule.name)
        return self.find(schedule.name)

    def change(
        self, who: Identity, name: str, values: Values, enabled: bool | None
    ) -> ListedSchedule:
        """Change values of a schedule; those that are left out stay.

        Raises:
            ScheduleError: If there is none of that name, or a value cannot be used.
            StoreError: If it cannot be written.
        """
        before = self._record(name)
        record = ScheduleRecord(
            before.name,
            {**before.definition, **values},
            before.enabled if enabled is None else enabled,
            before.created_at,
        )
        self._open(record)
        self._stored.replace(record)
        self._running.wake()
        self._audit.note(who, "schedules.change", record.name, ", ".join(sorted(values)))
        return self.find(record.name)

    def remove(self, who: Identity, name: str) -> None:
        """Remove a schedule, and what is remembered of its deliveries.

        Raises:
            ScheduleError: If there is none of that name.
            StoreError: If it cannot be written.
        """
        record = self._record(name)
        self._stored.remove(record.name)
        self._running.forget(record.name)
        self._audit.note(who, "schedules.remove", record.name)

    def send(self, who: Identity, name: str) -> str:
        """Deliver the last report that was due now; return its period.

        Raises:
            OvdError: If it cannot be made or delivered.
        """
        schedule = self.find(name).standing.schedule
        period = self._running.send_now(schedule)
        self._audit.note(who, "schedules.send", schedule.name, period)
        return period

    def make_file(self, name: str) -> Attachment:
        """Return the last report of a schedule that was due, as a file.

        Raises:
            OvdError: If it cannot be made.
        """
        return self._running.make_file(self.find(name).standing.schedule)

    def _open(self, record: ScheduleRecord) -> Schedule:
        return self._parse({"name": record.name, **record.definition})

    def _record(self, name: str) -> ScheduleRecord:
        self._refuse_fixed(name)
        for record in self._stored.all():
            if name_key(record.name) == name_key(name):
                return record
        raise ScheduleError(f"there is no schedule {name[:64]!r}")

    def _refuse_fixed(self, name: str) -> None:
        if name_key(name) in {name_key(item.name) for item in self._running.fixed}:
            raise ScheduleError(f"the schedule {name!r} is one of the settings; see ovd.toml")
