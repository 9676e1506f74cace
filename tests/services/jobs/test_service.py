import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.ports import Job, JobState
from ovd.errors import ConflictError, InputError, NotFoundError
from ovd.services.jobs.service import JobControl, JobService
from ovd.store import SqlStore
from tests.builders import START
from tests.fakes import FixedClock
from tests.store.databases import make_empty, make_url, open_store

ANNA = Identity(IdentityKind.USER, "anna", Role.VIEWER)
BO = Identity(IdentityKind.USER, "bo", Role.OPERATOR)
ROOT = Identity(IdentityKind.USER, "root", Role.ADMIN)
WAIT_S = 10.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(make_url(make_empty(tmp_path / "ovd.db"))) as store:
        yield store


@pytest.fixture
def jobs(store: SqlStore, tmp_path: Path) -> Iterator[JobService]:
    jobs = JobService(store.jobs, tmp_path / "jobs", FixedClock())
    jobs.start()
    yield jobs
    jobs.close()


def wait_for_all(jobs: JobService) -> None:
    """Wait until everything that was submitted was done: the last in a queue is done last."""
    done = threading.Event()
    jobs.submit(ROOT, "last", "", lambda _: done.set())
    assert done.wait(WAIT_S)


def write(control: JobControl) -> None:
    control.report(0.5)
    control.path.write_text("rows")


def test_job_makes_its_file(jobs: JobService):
    job = jobs.submit(ANNA, "report", "report.csv", write)
    wait_for_all(jobs)

    done, path = jobs.result(ANNA, job.id)

    assert (done.state, done.progress, done.file_name) == (JobState.DONE, 1.0, "report.csv")
    assert path.read_text() == "rows"


def test_job_that_fails_says_why(jobs: JobService):
    def fail(control: JobControl) -> None:
        control.path.write_text("half")
        raise InputError("no such query")

    job = jobs.submit(ANNA, "report", "report.csv", fail)
    wait_for_all(jobs)

    failed = jobs.find(ANNA, job.id)
    assert (failed.state, failed.error) == (JobState.FAILED, "no such query")
    with pytest.raises(ConflictError, match="no such query"):
        jobs.result(ANNA, job.id)


def test_cancelled_job_ends_at_its_next_report(jobs: JobService):
    begun, go_on = threading.Event(), threading.Event()

    def work(control: JobControl) -> None:
        begun.set()
        go_on.wait(WAIT_S)
        control.report(0.5)
        control.path.write_text("rows")

    job = jobs.submit(ANNA, "report", "report.csv", work)
    begun.wait(WAIT_S)
    jobs.cancel(ANNA, job.id)
    go_on.set()
    wait_for_all(jobs)

    assert jobs.find(ANNA, job.id).state is JobState.CANCELLED


def test_job_of_someone_else_is_unknown(jobs: JobService):
    job = jobs.submit(ANNA, "report", "report.csv", write)

    with pytest.raises(NotFoundError):
        jobs.find(BO, job.id)
    assert jobs.all(BO) == ()
    assert [found.id for found in jobs.all(ROOT)] == [job.id]


def test_job_of_a_server_that_ended_has_failed(store: SqlStore, tmp_path: Path):
    store.jobs.add(Job("a" * 24, "report", "user:anna", JobState.RUNNING, 0.5, START))
    jobs = JobService(store.jobs, tmp_path / "jobs", FixedClock())

    jobs.start()
    jobs.close()

    [job] = jobs.all(ANNA)
    assert job.state is JobState.FAILED
    assert "ask again" in job.error


def test_job_that_has_ended_is_forgotten_with_its_file(jobs: JobService, tmp_path: Path):
    job = jobs.submit(ANNA, "report", "report.csv", write)
    wait_for_all(jobs)

    jobs.cancel(ANNA, job.id)

    assert jobs.all(ANNA) == ()
    assert not (tmp_path / "jobs" / job.id).exists()
