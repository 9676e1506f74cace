"""ScheduledReports: makes due reports while the app serves, each once, restarts included."""

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from ovd.domain.ports import Clock
from ovd.domain.ports.notify import Attachment, Notice
from ovd.errors import (
    DeliveryError,
    InputError,
    MailError,
    MailUnsureError,
    OutputError,
    OvdError,
    StoreError,
)
from ovd.services.reports.scheduling.deliveries import Delivered, Deliveries
from ovd.services.reports.scheduling.making import ReportMaker, file_name
from ovd.services.reports.scheduling.schedule import DueReport, Schedule, last_due, next_due
from ovd.threads import Backoff, Caught, SupervisedThread, ThreadHealth, describe_failure

RETRY_AFTER = timedelta(minutes=10)
# Clocks are set and machines sleep: what is due is asked at least this often.
LONGEST_WAIT_S = 60.0

_LOG = logging.getLogger(__name__)


class MessageSender(Protocol):
    """Sends mail; see `ovd.notify.mail.Mailer`."""

    @property
    def sender(self) -> str:
        """Address that messages come from."""
        ...

    def send(self, message: EmailMessage, about_to_send: Callable[[], None]) -> None:
        """Send a message; `about_to_send` is called right before it is handed over."""
        ...


def _refuse(target: str, notice: Notice) -> None:
    raise DeliveryError(f"there is no target {target!r}")


@dataclass(frozen=True)
class Outlets:
    """Where reports go beside folders.

    Attributes:
        mailer: Sends mail; None where the settings name no mail server.
        notify: Hands a notice to the target of a name.
    """

    mailer: MessageSender | None = None
    notify: Callable[[str, Notice], None] = _refuse


@dataclass(frozen=True)
class ScheduleStanding:
    """A schedule, and its deliveries.

    Attributes:
        schedule: The schedule.
        last: Its last delivery; None before the first.
        next_at: When its next report is due, aware UTC.
        problem: Why the last attempt failed; empty when it did not.
    """

    schedule: Schedule
    last: Delivered | None
    next_at: datetime
    problem: str


@dataclass(frozen=True)
class _Failure:
    due: DueReport
    message: str
    retry_at: datetime


class ScheduledReports:
    """Runs schedules in a thread of its own between `start` and `close`.

    Of the reports that were missed while nothing ran, the last one of each schedule is made up
    for. A file is written whole under a name that its period gives, and is not written again. A
    mail is marked right before it is handed to the server and after: should the process die in
    between, it is not sent again, and a warning says that it may not have arrived. What fails is
    tried again every ten minutes until the next report is due.
    """

    def __init__(
        self,
        schedules: Sequence[Schedule],
        maker: ReportMaker,
        deliveries: Deliveries,
        clock: Clock,
        outlets: Outlets | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            schedules: Those of the settings; `follow` adds others.
            maker: Makes reports.
            deliveries: Remembers what was delivered.
            clock: Wall clock.
            outlets: Where reports go beside folders.
            backoff: Pauses after failures without a known reason.
        """
        self._fixed = tuple(schedules)
        self._stored: Callable[[], Sequence[Schedule]] = tuple
        self._maker = maker
        self._deliveries = deliveries
        self._clock = clock
        self._outlets = outlets or Outlets()
        self._failures: dict[str, _Failure] = {}
        self._problem = ""
        self._changed = threading.Event()
        self._thread = SupervisedThread("schedules", self._work, self._changed.set, backoff)

    def start(self) -> None:
        """Begin to make reports."""
        self._thread.start()

    def follow(self, stored: Callable[[], Sequence[Schedule]]) -> None:
        """Run these schedules too, which are read for every round."""
        self._stored = stored

    def change(self, schedules: Sequence[Schedule], mailer: MessageSender | None) -> None:
        """Run other schedules of the settings instead, from now on."""
        self._outlets = replace(self._outlets, mailer=mailer)
        self._fixed = tuple(schedules)
        self.wake()

    def wake(self) -> None:
        """Look now for what is due, because schedules were changed."""
        self._changed.set()

    @property
    def fixed(self) -> tuple[Schedule, ...]:
        """Return the schedules of the settings."""
        return self._fixed

    def standing(self, schedule: Schedule) -> ScheduleStanding:
        """Return the last and the next delivery of a schedule."""
        failure = self._failures.get(schedule.name)
        return ScheduleStanding(
            schedule,
            self._deliveries.last(schedule.name),
            next_due(schedule, self._clock.now()).at,
            "" if failure is None else failure.message,
        )

    def send_now(self, schedule: Schedule) -> str:
        """Make and deliver the last report that was due, also if it was delivered before.

        Returns:
            The period that was reported.

        Raises:
            OvdError: If it cannot be made or delivered.
        """
        due = last_due(schedule, self._clock.now())
        if schedule.folder is not None:
            self._put_file(schedule, due, again=True)
        if schedule.to:
            mailer = self._require_mailer()
            mailer.send(self._maker.compose_mail(schedule, due, mailer.sender), lambda: None)
        for target in schedule.targets:
            self._outlets.notify(target, self._maker.compose_notice(schedule, due))
        self._deliveries.first_seen(schedule.name, self._clock.now())
        self._deliveries.mark(schedule.name, f"{due.period}.now")
        self._failures.pop(schedule.name, None)
        return due.period

    def make_file(self, schedule: Schedule) -> Attachment:
        """Return the last report that was due, as a file.

        Raises:
            OvdError: If it cannot be made.
        """
        return self._maker.make_file(schedule, last_due(schedule, self._clock.now()))

    def forget(self, name: str) -> None:
        """Forget what was delivered of a schedule that was removed."""
        self._failures.pop(name, None)
        self._deliveries.forget(name)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    def close(self) -> None:
        """End after the report that is being made. Calling it twice is harmless."""
        self._thread.stop()

    def step(self) -> float:
        """Make what is due; returns the seconds until there may be something to do again.

        Raises:
            BaseException: What a report failed of without a known reason, after the others were
                made; it is tried again like one that failed for a known reason.
        """
        waits = [LONGEST_WAIT_S]
        unknown: BaseException | None = None
        for schedule in (*self._fixed, *self._read_stored()):
            with Caught() as caught:
                self._run(schedule)
            if isinstance(caught.error, OSError):
                _LOG.warning("cannot remember what was delivered: %s", caught.error)
            elif caught.error is not None:
                unknown = caught.error
            now = self._clock.now()
            waits.append((next_due(schedule, now).at - now).total_seconds())
        if unknown is not None:
            raise unknown
        return max(0.0, min(waits))

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._changed.clear()
            self._changed.wait(0.0 if stopping.is_set() else self.step())

    def _read_stored(self) -> Sequence[Schedule]:
        try:
            stored = self._stored()
        except StoreError as error:
            if str(error) != self._problem:
                _LOG.warning("schedules cannot be read: %s", error)
            self._problem = str(error)
            return ()
        self._problem = ""
        return stored

    def _run(self, schedule: Schedule) -> None:
        now = self._clock.now()
        since = self._deliveries.first_seen(schedule.name, now)
        due = last_due(schedule, now)
        failure = self._failures.get(schedule.name)
        if due.at <= since or (failure and failure.due == due and now < failure.retry_at):
            return
        with Caught() as caught:
            self._deliver(schedule, due)
        error = caught.error
        if error is None:
            self._failures.pop(schedule.name, None)
            return
        message = str(error) if isinstance(error, OvdError) else describe_failure(error)
        if failure is None or failure.due != due or failure.message != message:
            _LOG.warning("report %s %s: %s", schedule.name, due.period, message)
        self._failures[schedule.name] = _Failure(due, message, now + RETRY_AFTER)
        if not isinstance(error, OvdError):
            raise error

    def _deliver(self, schedule: Schedule, due: DueReport) -> None:
        if schedule.folder is not None:
            self._once(schedule, due, "file", lambda: self._put_file(schedule, due))
        if schedule.to:
            self._once(schedule, due, "mail", lambda: self._send_mail(schedule, due))
        for target in schedule.targets:
            self._notify(schedule, due, target)

    def _notify(self, schedule: Schedule, due: DueReport, target: str) -> None:
        kind = f"target-{hashlib.sha256(target.encode()).hexdigest()[:12]}"
        self._once(
            schedule,
            due,
            kind,
            lambda: self._outlets.notify(target, self._maker.compose_notice(schedule, due)),
        )

    def _once(self, schedule: Schedule, due: DueReport, kind: str, act: Callable[[], None]) -> None:
        mark = f"{due.period}.{kind}"
        if not self._deliveries.is_marked(schedule.name, mark):
            act()
            self._deliveries.mark(schedule.name, mark)
            self._deliveries.forget_before(schedule.name, due.period)

    def _put_file(self, schedule: Schedule, due: DueReport, again: bool = False) -> None:
        assert schedule.folder is not None
        path = schedule.folder / file_name(schedule, due)
        if path.exists() and not again:  # the process died before it could mark what it had written
            return
        try:
            schedule.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make the folder {schedule.folder}: {error}") from error
        self._maker.export(schedule, due, path)

    def _send_mail(self, schedule: Schedule, due: DueReport) -> None:
        mailer = self._require_mailer()
        intent = f"{due.period}.sending"
        if self._deliveries.is_marked(schedule.name, intent):
            _LOG.warning(
                "report %s %s: ovd ended while this mail was being handed over; it may not have "
                "arrived and is not sent twice",
                schedule.name,
                due.period,
            )
            return
        message = self._maker.compose_mail(schedule, due, mailer.sender)

        def mark_intent() -> None:
            if not self._deliveries.mark(schedule.name, intent):
                raise InputError("another ovd on the same data folder is sending it")

        try:
            mailer.send(message, mark_intent)
        except MailUnsureError as error:
            _LOG.warning("report %s %s: %s; not sent twice", schedule.name, due.period, error)
        except MailError:
            self._deliveries.unmark(schedule.name, intent)
            raise

    def _require_mailer(self) -> MessageSender:
        if self._outlets.mailer is None:
            raise MailError("there is no mail server in the settings; add a [mail] table")
        return self._outlets.mailer
