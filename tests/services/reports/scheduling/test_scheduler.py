import contextlib
import csv
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from ovd.domain.ports.notify import Notice
from ovd.errors import MailError, MailUnsureError
from ovd.services.reports.report import ReportService
from ovd.services.reports.scheduling.deliveries import Deliveries
from ovd.services.reports.scheduling.making import ReportMaker
from ovd.services.reports.scheduling.schedule import Recurrence, Schedule
from ovd.services.reports.scheduling.scheduler import Outlets, ScheduledReports
from ovd.threads import Backoff
from tests.builders import START, make_frame, make_result
from tests.fakes import FixedClock
from tests.store.databases import open_store

DAY = timedelta(days=1)


class Outbox:
    """Takes mail, or fails as told."""

    sender = "ovd@example.org"

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.failure: Exception | None = None
        self.attempts = 0

    def send(self, message: EmailMessage, about_to_send: Callable[[], None]) -> None:
        self.attempts += 1
        if isinstance(self.failure, MailError) and not isinstance(self.failure, MailUnsureError):
            raise self.failure
        about_to_send()
        if self.failure is not None:
            raise self.failure
        self.messages.append(message)


class Bench:
    """A counted camera, a clock that starts on 1 March at noon UTC, and what is delivered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock()
        self.outbox = Outbox()
        self.notices: list[tuple[str, Notice]] = []
        self.store = open_store(f"sqlite:///{folder / 'counts.db'}", 0.05)

    def count(self) -> None:
        run = self.store.runs.start(self.store.cameras.record("gate", "list"), "fake", "0", START)
        for index in range(5):
            self.store.counts.add_result(run, make_result(make_frame(index), {"person": index}))
        self.store.flush()

    def start(self, *schedules: Schedule) -> ScheduledReports:
        """As after a start of the app: nothing is known but what lies on the disk."""
        deliveries = Deliveries(self.folder / "schedules")
        maker = ReportMaker(ReportService(self.store), self.clock)
        return ScheduledReports(
            schedules, maker, deliveries, self.clock, Outlets(self.outbox, self.take)
        )

    def take(self, target: str, notice: Notice) -> None:
        self.notices.append((target, notice))

    def go_to(self, moment: str) -> None:
        target = datetime.fromisoformat(moment).astimezone(START.tzinfo)
        self.clock.advance((target - self.clock.now()).total_seconds())

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "out").glob("*"))


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.count()
    yield bench
    bench.store.close()


@pytest.fixture
def to_folder(tmp_path) -> Schedule:
    zone = ZoneInfo("Asia/Seoul")
    return Schedule("gate", Recurrence.DAILY, time(7), zone, folder=tmp_path / "out")


@pytest.fixture
def to_mail() -> Schedule:
    zone = ZoneInfo("Asia/Seoul")
    return Schedule("gate", Recurrence.DAILY, time(7), zone, to=("boss@example.org",))


def test_report_of_the_day_before_is_written_when_due(bench, to_folder):
    reports = bench.start(to_folder)
    reports.step()
    before = bench.files

    bench.go_to("2026-03-02T07:00:00+09:00")
    reports.step()

    assert (before, bench.files) == ([], ["gate_2026-03-01.csv"])
    with (bench.folder / "out" / "gate_2026-03-01.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    assert [row["bucket_start"] for row in rows if row["mean_count"]] == [
        "2026-03-01T21:00:00+09:00"
    ]


def test_waiting_ends_when_the_next_report_is_due(bench, to_folder):
    reports = bench.start(to_folder)
    bench.go_to("2026-03-02T06:59:50+09:00")

    assert reports.step() == pytest.approx(10.0)


def test_new_schedule_does_not_make_up_for_what_was_before_it(bench, to_folder):
    bench.go_to("2026-03-02T08:00:00+09:00")

    bench.start(to_folder).step()

    assert bench.files == []


def test_restart_does_not_repeat_a_report_even_if_its_file_was_moved(bench, to_folder):
    bench.start(to_folder).step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    bench.start(to_folder).step()
    (bench.folder / "out" / "gate_2026-03-01.csv").unlink()

    bench.start(to_folder).step()

    assert bench.files == []


def test_last_missed_report_is_made_up_for_after_downtime(bench, to_folder):
    bench.start(to_folder).step()
    bench.go_to("2026-03-09T15:00:00+09:00")

    bench.start(to_folder).step()

    assert bench.files == ["gate_2026-03-08.csv"]


def test_file_written_before_a_crash_is_not_written_again(bench, to_folder):
    bench.start(to_folder).step()
    (bench.folder / "out").mkdir()
    (bench.folder / "out" / "gate_2026-03-01.csv").write_text("whole")
    bench.go_to("2026-03-02T07:00:01+09:00")

    bench.start(to_folder).step()

    assert (bench.folder / "out" / "gate_2026-03-01.csv").read_text() == "whole"


def test_mail_carries_the_report_and_its_totals(bench, to_mail):
    reports = bench.start(to_mail)
    reports.step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    reports.step()
    reports.step()

    (message,) = bench.outbox.messages
    (attachment,) = message.iter_attachments()
    assert message["Subject"] == "ovd: gate, 2026-03-01"
    assert message["Message-ID"] == "<gate.2026-03-01@ovd.example.org>"
    assert "gate / person: mean 2.00, max 4, observed" in message.get_body().get_content()
    assert attachment.get_filename() == "gate_2026-03-01.csv"
    assert "2026-03-01T21:00:00+09:00" in str(attachment.get_content())


def test_report_for_people_has_language_title_and_the_period_before(bench, to_mail, to_folder):
    told = {"format": "pdf", "language": "ko", "title": "정문 일일 보고", "compares": True}
    reports = bench.start(
        replace(to_folder, **told), replace(to_mail, name="mail", **told | {"title": ""})
    )
    reports.step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    reports.step()

    (path,) = (bench.folder / "out").iterdir()
    text = " ".join(page.extract_text() for page in PdfReader(path).pages)
    for part in ("정문 일일 보고", "비교", "2026-02-28 00:00 KST", "2026-03-02 07:00", "관측률"):
        assert part in text
    (message,) = bench.outbox.messages
    (attachment,) = message.iter_attachments()
    assert "gate / 사람: 평균 2.00, 최대 4, 관측률 0%" in message.get_body().get_content()
    assert attachment.get_content_type() == "application/pdf"


def test_buckets_finer_than_the_data_are_refused_and_leave_no_file(bench, to_folder, caplog):
    run = bench.store.runs.all()[0]
    for index in range(5, 8):
        frame = replace(make_frame(index), captured_at=START + timedelta(seconds=5 * index))
        bench.store.counts.add_result(run, make_result(frame, {"car": 1}, observed_s=5.0))
    bench.store.flush()
    reports = bench.start(replace(to_folder, bucket="1s", queries=("car",)))
    reports.step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    with caplog.at_level(logging.WARNING):
        reports.step()

    assert "buckets of 1s are finer than the data" in caplog.text
    assert bench.files == []


def test_mail_refused_is_tried_again_later_and_logged_once(bench, to_mail, caplog):
    reports = bench.start(to_mail)
    reports.step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    bench.outbox.failure = MailError("the mail server is away")
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            reports.step()
            bench.clock.advance(300)
    bench.outbox.failure = None
    bench.clock.advance(600)
    reports.step()

    assert bench.outbox.attempts == 4
    assert len(bench.outbox.messages) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "report gate 2026-03-01: the mail server is away"
    ]


@pytest.mark.parametrize(
    "failure", [MailUnsureError("broke"), KeyboardInterrupt()], ids=["connection", "process"]
)
def test_mail_that_broke_while_handed_over_is_never_sent_twice(bench, to_mail, failure, caplog):
    bench.start(to_mail).step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    bench.outbox.failure = failure
    with contextlib.suppress(KeyboardInterrupt):
        bench.start(to_mail).step()
    bench.outbox.failure = None

    with caplog.at_level(logging.WARNING):
        bench.start(to_mail).step()
        bench.clock.advance(86400)
        bench.start(to_mail).step()

    assert [message["Subject"] for message in bench.outbox.messages] == ["ovd: gate, 2026-03-02"]
    assert "not sent twice" in caplog.text or isinstance(failure, MailUnsureError)


def test_nothing_counted_yet_is_tried_again(tmp_path, to_folder, caplog):
    bench = Bench(tmp_path)
    reports = bench.start(to_folder)
    reports.step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    with caplog.at_level(logging.WARNING):
        reports.step()
    bench.count()
    bench.clock.advance(601)
    reports.step()
    bench.store.close()

    assert "nothing was ever counted" in caplog.text
    assert bench.files == ["gate_2026-03-01.csv"]


def test_marks_of_earlier_reports_are_removed(bench, to_folder):
    reports = bench.start(to_folder)
    reports.step()
    for day in range(5):
        bench.go_to(f"2026-03-0{day + 2}T07:00:01+09:00")
        reports.step()

    marks = sorted(path.name for path in (bench.folder / "schedules" / "gate").iterdir())
    assert len(bench.files) == 5
    assert marks == ["2026-03-05.file", "since"]


def test_thread_makes_what_is_due_and_ends_when_closed(bench, to_folder):
    bench.start(to_folder).step()
    bench.go_to("2026-03-02T07:00:01+09:00")
    made = threading.Event()

    class Telling(Deliveries):
        def mark(self, name: str, mark: str) -> bool:
            made.set()
            return super().mark(name, mark)

    deliveries = Telling(bench.folder / "schedules")
    maker = ReportMaker(ReportService(bench.store), bench.clock)
    reports = ScheduledReports([to_folder], maker, deliveries, bench.clock)

    reports.start()
    assert made.wait(60)
    reports.close()
    reports.close()

    assert bench.files == ["gate_2026-03-01.csv"]


def test_report_that_fails_of_a_bug_leaves_the_others_and_is_tried_again_later(bench, to_folder):
    reports = bench.start(replace(to_folder, name="mailed", to=("me@example.org",)), to_folder)
    bench.outbox.failure = RuntimeError("a bug")
    reports.step()
    bench.go_to("2026-03-02T07:00:01+09:00")

    with pytest.raises(RuntimeError, match="a bug"):
        reports.step()
    reports.step()

    assert bench.files == ["gate_2026-03-01.csv", "mailed_2026-03-01.csv"]
    assert bench.outbox.attempts == 1, "it was tried again at once"


def test_schedules_go_on_after_an_error_nobody_expected(bench, to_folder):
    made = threading.Event()
    failures = iter([RuntimeError("a bug")])

    class Failing(Deliveries):
        def first_seen(self, name: str, now: datetime) -> datetime:
            for error in failures:
                raise error
            made.set()
            return super().first_seen(name, now)

    deliveries, at_once = Failing(bench.folder / "schedules"), Backoff(0.0, 0.0)
    reports = ScheduledReports(
        [to_folder], ReportService(bench.store), deliveries, bench.clock, backoff=at_once
    )

    reports.start()
    assert made.wait(60)
    reports.close()

    (thread,) = reports.threads
    assert (thread.name, thread.last_failure) == ("schedules", "RuntimeError: a bug")
