from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.ports import CountStore, Job, JobRepository, JobState
from tests.builders import START


@pytest.fixture
def jobs(any_store: CountStore) -> JobRepository:
    return any_store.jobs


def make_job(job_id: str = "a", after_s: float = 0) -> Job:
    created_at = START + timedelta(seconds=after_s)
    return Job(job_id, "report", "user anna", JobState.QUEUED, 0.0, created_at)


def test_jobs_come_newest_first(jobs: JobRepository):
    for job in (make_job("b"), make_job("a"), make_job("c", 9)):
        jobs.add(job)

    assert [job.id for job in jobs.all()] == ["c", "a", "b"]


def test_job_is_found_as_it_stands_now(jobs: JobRepository):
    jobs.add(make_job())
    ended = replace(make_job(), state=JobState.FAILED, progress=0.5, ended_at=START, error="full")

    jobs.update(ended)

    assert jobs.find("a") == ended


def test_job_that_was_removed_stays_so(jobs: JobRepository):
    jobs.add(make_job())

    jobs.remove("a")
    jobs.update(make_job())

    assert jobs.find("a") is None
