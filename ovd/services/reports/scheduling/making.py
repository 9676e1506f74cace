"""ReportMaker: makes the report of a schedule as a file, as mail, or as a notice for targets."""

import mimetypes
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from ovd.domain.ports import Clock
from ovd.domain.ports.notify import Attachment, JsonValue, Notice
from ovd.errors import OutputError
from ovd.language.korean.names import name_reading
from ovd.services.reports.comparison import request_previous
from ovd.services.reports.export import ReportExtras, export_report
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.scheduling.schedule import DueReport, Schedule
from ovd.texts.alert_messages import alert_message_texts
from ovd.texts.languages import Language
from ovd.texts.report import report_texts

LARGEST_ATTACHMENT = 20_000_000
_LINES_IN_MAIL = 100


class ReportMaker:
    """Makes reports of stored counts."""

    def __init__(self, reports: ReportService, clock: Clock, public_url: str = "") -> None:
        """Make nothing yet.

        Args:
            reports: Computes the rows.
            clock: Dates reports.
            public_url: Address of the page, for links; empty where it is not known.
        """
        self._reports = reports
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    def compose_mail(self, schedule: Schedule, due: DueReport, sender: str) -> EmailMessage:
        """Return a mail with the report attached.

        Raises:
            OutputError: If the report is too large for mail servers.
            OvdError: If it cannot be made.
        """
        message = EmailMessage()
        subject = schedule.title or f"ovd: {schedule.name}"
        message["Subject"] = f"{subject}, {describe(due)}"
        message["From"] = sender
        message["To"] = ", ".join(schedule.to)
        # The same report has the same id, by which mail servers recognise doubles.
        message["Message-ID"] = f"<{schedule.name}.{due.period}@ovd.{sender.rpartition('@')[2]}>"
        message["Date"] = self._clock.now()
        message.set_content("\n".join(self.lines(schedule, due)) + "\n")
        file = self.make_file(schedule, due)
        kind, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        return message

    def compose_notice(self, schedule: Schedule, due: DueReport) -> Notice:
        """Return a notice for targets, with the report attached and a link to it.

        Raises:
            OvdError: If the report cannot be made.
        """
        name = schedule.name
        link = f"{self._public_url}/api/v1/schedules/{name}/report" if self._public_url else ""
        texts = alert_message_texts(schedule.language)
        title = texts.report_title.format(name=schedule.title or name, period=describe(due))
        lines = [*self.lines(schedule, due), *([texts.link.format(link=link)] if link else [])]
        body: dict[str, JsonValue] = {
            "type": "report",
            "schedule": name,
            "period": due.period,
            "start_at": due.start_at.isoformat(),
            "end_at": due.end_at.isoformat(),
            "format": schedule.format,
            "link": link or None,
        }
        return Notice(
            key=f"report/{name}/{due.period}",
            topic="",
            title=title,
            text="\n".join(lines),
            body=body,
            link=link,
            attachments=(self.make_file(schedule, due),),
        )

    def make_file(self, schedule: Schedule, due: DueReport) -> Attachment:
        """Return the report as a file in memory.

        Raises:
            OutputError: If it is too large to be sent.
            OvdError: If it cannot be made.
        """
        name = file_name(schedule, due)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            self.export(schedule, due, path)
            size = path.stat().st_size
            if size > LARGEST_ATTACHMENT:
                raise OutputError(
                    f"the report has {size / 1e6:.0f} MB, more than mail servers take; choose a "
                    "coarser bucket, or a folder instead"
                )
            content = path.read_bytes()
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Attachment(name, media_type, content)

    def lines(self, schedule: Schedule, due: DueReport) -> Iterator[str]:
        """Yield the report in words, a day a line."""
        texts = report_texts(schedule.language)
        yield texts.mail_intro.format(
            period=describe(due), tz=schedule.zone.key, bucket=schedule.bucket
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
            query = name_reading(row.query, Language(schedule.language))
            yield f"{row.bucket_start.date()}  {row.camera} / {query}: {told}"

    def export(self, schedule: Schedule, due: DueReport, path: Path) -> None:
        """Write the report to a file.

        Raises:
            OvdError: If it cannot be made.
        """
        request = _request(schedule, due, schedule.bucket)
        report = self._reports.build(request)
        report.require_observable()
        baseline = None
        if schedule.compares:
            named = replace(request, cameras=report.cameras)
            baseline = self._reports.build(request_previous(named, report))
        extras = ReportExtras(
            schedule.language, schedule.title, baseline, self._clock.now(), schedule.logo
        )
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


def file_name(schedule: Schedule, due: DueReport) -> str:
    """Return the name of the report's file."""
    return f"{schedule.name}_{due.period}.{schedule.format}"


def describe(due: DueReport) -> str:
    """Return the days of a report."""
    first, last = due.start_at.date(), (due.end_at - timedelta(seconds=1)).date()
    return str(first) if first == last else f"{first} - {last}"
