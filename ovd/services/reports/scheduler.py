"""ScheduledReports: makes due reports while the app serves, each once, restarts included."""

import logging
import mimetypes
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from ovd.domain.ports import Clock
from ovd.errors import InputError, MailError, MailUnsureError, OutputError, OvdError
from ovd.services.reports.comparison import request_previous
from ovd.services.reports.export import ReportExtras, export_report
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.schedule import DueReport, Schedule, last_due, next_due
from ovd.texts.report import report_texts
from ovd.threads import Backoff, Caught, SupervisedThread, ThreadHealth, describe_failure

RETRY_AFTER = timedelta(minutes=10)
# Clocks are set and machines sleep: what is due is asked at least this often.
LONGEST_WAIT_S = 60.0
LARGEST_ATTACHMENT = 20_000_000
_LINES_IN_MAIL = 100

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


class Deliveries:
    """Remembers in small files what was delivered, so that a restart does not do it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def first_seen(self, name: str, now: datetime) -> datetime:
        """When a schedule was first run; what was due before is not made up for."""
        file = self._folder / name / "since"
        try:
            return datetime.fromisoformat(file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(now.isoformat(), encoding="ascii")
            part.replace(file)
            return now

    def is_marked(self, name: str, mark: str) -> bool:
        """Return whether a mark was set."""
        return (self._folder / name / mark).exists()

    def mark(self, name: str, mark: str) -> bool:
        """Set a mark; False if it was set already, also by another process at this moment."""
        try:
            (self._folder / name / mark).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def unmark(self, name: str, mark: str) -> None:
        """Take a mark back."""
        (self._folder / name / mark).unlink(missing_ok=True)

    def forget_before(self, name: str, period: str) -> None:
        """Remove the marks of earlier periods."""
        for file in (self._folder / name).iterdir():
            if file.name[:1].isdigit() and file.name < period:
                file.unlink(missing_ok=True)


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
        reports: ReportService,
        deliveries: Deliveries,
        clock: Clock,
        mailer: MessageSender | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._schedules = tuple(schedules)
        self._reports = reports
        self._deliveries = deliveries
        self._clock = clock
        self._mailer = mailer
        self._failures: dict[str, _Failure] = {}
        self._thread = SupervisedThread("schedules", self._work, backoff=backoff)

    def start(self) -> None:
        """Begin; does nothing without schedules."""
        if self._schedules:
            self._thread.start()

    def change(self, schedules: Sequence[Schedule], mailer: MessageSender | None) -> None:
        """Run other schedules instead, from the next round on."""
        self._mailer, self._schedules = mailer, tuple(schedules)
        self.start()

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
        for schedule in self._schedules:
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
            stopping.wait(self.step())

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

    def _once(self, schedule: Schedule, due: DueReport, kind: str, act: Callable[[], None]) -> None:
        mark = f"{due.period}.{kind}"
        if not self._deliveries.is_marked(schedule.name, mark):
            act()
            self._deliveries.mark(schedule.name, mark)
            self._deliveries.forget_before(schedule.name, due.period)

    def _put_file(self, schedule: Schedule, due: DueReport) -> None:
        assert schedule.folder is not None
        path = schedule.folder / _file_name(schedule, due)
        if path.exists():  # the process died before it could mark what it had written
            return
        try:
            schedule.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make the folder {schedule.folder}: {error}") from error
        self._export(schedule, due, path)

    def _send_mail(self, schedule: Schedule, due: DueReport) -> None:
        if self._mailer is None:
            raise MailError("there is no mail server in the settings; add a [mail] table")
        intent = f"{due.period}.sending"
        if self._deliveries.is_marked(schedule.name, intent):
            _LOG.warning(
                "report %s %s: ovd ended while this mail was being handed over; it may not have "
                "arrived and is not sent twice",
                schedule.name,
                due.period,
            )
            return
        message = self._compose(schedule, due, self._mailer.sender)

        def mark_intent() -> None:
            if not self._deliveries.mark(schedule.name, intent):
                raise InputError("another ovd on the same data folder is sending it")

        try:
            self._mailer.send(message, mark_intent)
        except MailUnsureError as error:
            _LOG.warning("report %s %s: %s; not sent twice", schedule.name, due.period, error)
        except MailError:
            self._deliveries.unmark(schedule.name, intent)
            raise

    def _compose(self, schedule: Schedule, due: DueReport, sender: str) -> EmailMessage:
        message = EmailMessage()
        subject = schedule.title or f"ovd: {schedule.name}"
        message["Subject"] = f"{subject}, {_describe(due)}"
        message["From"] = sender
        message["To"] = ", ".join(schedule.to)
        # The same report has the same id, by which mail servers recognise doubles.
        message["Message-ID"] = f"<{schedule.name}.{due.period}@ovd.{sender.rpartition('@')[2]}>"
        message["Date"] = self._clock.now()
        message.set_content("\n".join(self._lines(schedule, due)) + "\n")
        name = _file_name(schedule, due)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            self._export(schedule, due, path)
            size = path.stat().st_size
            if size > LARGEST_ATTACHMENT:
                raise OutputError(
                    f"the report has {size / 1e6:.0f} MB, more than mail servers take; choose a "
                    "coarser bucket, or a folder instead"
                )
            content = path.read_bytes()
        kind, _, subtype = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition(
            "/"
        )
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
        return message

    def _lines(self, schedule: Schedule, due: DueReport) -> Iterator[str]:
        texts = report_texts(schedule.language)
        yield texts.mail_intro.format(
            period=_describe(due), tz=schedule.zone.key, bucket=schedule.bucket
        )
        yield ""
        report = self._reports.build(_request(schedule, due, "1d"))
        for number, row in enumerate(report):
            if number == _LINES_IN_MAIL:
                yield "..."
                return
            told = texts.not_observed
            if row.mean_count is not None:
                told = texts.mail_line.format(
                    mean=row.mean_count, most=row.max_count, coverage=row.coverage
                )
            yield f"{row.bucket_start.date()}  {row.camera} / {row.query}: {told}"

    def _export(self, schedule: Schedule, due: DueReport, path: Path) -> None:
        request = _request(schedule, due, schedule.bucket)
        report = self._reports.build(request)
        report.require_observable()
        baseline = None
        if schedule.compares:
            named = replace(request, cameras=report.cameras)
            baseline = self._reports.build(request_previous(named, report))
        extras = ReportExtras(schedule.language, schedule.title, baseline, self._clock.now())
        export_report(report, path, schedule.format, extras=extras)


def _request(schedule: Schedule, due: DueReport, bucket: str) -> ReportRequest:
    return ReportRequest(
        cameras=schedule.cameras,
        queries=schedule.queries,
        start_at=due.start_at,
        end_at=due.end_at,
        bucket=bucket,
        tz=schedule.zone.key,
    )


def _file_name(schedule: Schedule, due: DueReport) -> str:
    return f"{schedule.name}_{due.period}.{schedule.format}"


def _describe(due: DueReport) -> str:
    first, last = due.start_at.date(), (due.end_at - timedelta(seconds=1)).date()
    return str(first) if first == last else f"{first} - {last}"
