"""JobService: does long work one after the other, in a thread of its own."""

import queue
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from ovd.domain.access import Identity, Role
from ovd.domain.ports import Clock, Job, JobRepository, JobState
from ovd.errors import ConflictError, NotFoundError, OvdError
from ovd.threads import Caught, SupervisedThread, ThreadHealth, describe_failure

MOST_WAITING = 20
KEPT_FOR = timedelta(days=7)
_ENDED = "the server ended before the job did; ask again"


class _CancelledError(Exception):
    """The job that is being done was cancelled."""


@dataclass(frozen=True, eq=False)
class JobControl:
    """The job as its work sees it.

    Attributes:
        path: File to write.
        report: Called now and then with the share that is done; ends the work of a job that was
            cancelled.
        is_cancelled: Says whether it was; for work that wants to end in order first.
    """

    path: Path
    report: Callable[[float], None]
    is_cancelled: Callable[[], bool]


Work = Callable[[JobControl], None]


class Lane(StrEnum):
    """Kinds of work that do not wait for each other."""

    READING = "jobs"
    COUNTING = "counting jobs"
    DOWNLOADS = "downloads"


class JobService:
    """Accepts, does, cancels and remembers jobs; each makes one file.

    Each lane has a thread of its own, so that a report does not wait for a recount of many hours.

    Jobs that were not done when the server ended are marked as failed at its next start.
    """

    def __init__(self, jobs: JobRepository, folder: Path, clock: Clock) -> None:
        """Do nothing yet; `start` begins.

        Args:
            jobs: Where jobs are stored.
            folder: Where their files are.
            clock: Dates them.
        """
        self._jobs = jobs
        self._folder = folder
        self._clock = clock
        self._cancelled: set[str] = set()
        self._waiting: dict[Lane, queue.Queue[tuple[str, Work] | None]] = {
            lane: queue.Queue() for lane in Lane
        }
        self._threads = {lane: self._make_thread(lane) for lane in Lane}

    def start(self) -> None:
        """Mark what an earlier server left undone, forget what is old, and begin.

        Raises:
            StoreError: If the database cannot be used.
        """
        now = self._clock.now()
        for job in self._jobs.all():
            if not job.state.is_final:
                self._jobs.update(replace(job, state=JobState.FAILED, ended_at=now, error=_ENDED))
            elif now - job.created_at > KEPT_FOR:
                self._forget(job)
        for thread in self._threads.values():
            thread.start()

    def submit(
        self, who: Identity, kind: str, file_name: str, work: Work, lane: Lane = Lane.READING
    ) -> Job:
        """Accept a job, to be done after those of its lane that wait.

        Args:
            who: Who asks for it.
            kind: What is done.
            file_name: Name of the file it makes, for people.
            work: Does it, and writes the file.
            lane: What it waits for.

        Raises:
            ConflictError: If too many jobs wait.
            StoreError: If the database cannot be used.
        """
        if self._waiting[lane].qsize() >= MOST_WAITING:
            raise ConflictError(f"{MOST_WAITING} jobs wait already; ask again later")
        job = Job(
            secrets.token_hex(12),
            kind,
            _owner_of(who),
            JobState.QUEUED,
            0.0,
            self._clock.now(),
            file_name=file_name,
        )
        self._jobs.add(job)
        self._waiting[lane].put((job.id, work))
        return job

    def all(self, who: Identity) -> tuple[Job, ...]:
        """Return the jobs of someone, newest first; all of them for an admin."""
        return tuple(job for job in self._jobs.all() if _may_see(who, job))

    def find(self, who: Identity, job_id: str) -> Job:
        """Return a job.

        Raises:
            NotFoundError: If there is none of that id, or it is another one's.
        """
        job = self._jobs.find(job_id)
        if job is None or not _may_see(who, job):
            raise NotFoundError("there is no job of that id")
        return job

    def result(self, who: Identity, job_id: str) -> tuple[Job, Path]:
        """Return a job and the file it made.

        Raises:
            NotFoundError: If there is no such job.
            ConflictError: If it is not done.
        """
        job = self.find(who, job_id)
        path = self._path_of(job_id)
        if job.state is not JobState.DONE or not path.is_file():
            raise ConflictError(
                f"the job has no result: it is {job.state.value} {job.error}".strip()
            )
        return job, path

    def cancel(self, who: Identity, job_id: str) -> Job:
        """Cancel a job, or forget one that has ended, with its file.

        Raises:
            NotFoundError: If there is no such job.
        """
        job = self.find(who, job_id)
        if job.state.is_final:
            self._forget(job)
            return job
        self._cancelled.add(job.id)
        cancelled = replace(job, state=JobState.CANCELLED, ended_at=self._clock.now())
        self._jobs.update(cancelled)
        return cancelled

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its threads."""
        return tuple(thread.health for thread in self._threads.values())

    def close(self, timeout_s: float = 5.0) -> None:
        """End; the job that is being done is cut off at its next report of progress."""
        for thread in self._threads.values():
            thread.stop(timeout_s)

    def _make_thread(self, lane: Lane) -> SupervisedThread:
        waiting = self._waiting[lane]
        return SupervisedThread(lane.value, partial(self._run, waiting), lambda: waiting.put(None))

    def _run(
        self, waiting: "queue.Queue[tuple[str, Work] | None]", stopping: threading.Event
    ) -> None:
        while not stopping.is_set():
            item = waiting.get()
            if item is not None:
                self._do(*item, stopping)

    def _do(self, job_id: str, work: Work, stopping: threading.Event) -> None:
        job = self._jobs.find(job_id)
        if job is None or job.state.is_final:
            self._cancelled.discard(job_id)
            return
        job = replace(job, state=JobState.RUNNING)
        self._jobs.update(job)

        def is_cancelled() -> bool:
            return stopping.is_set() or job_id in self._cancelled

        control = JobControl(self._path_of(job_id), self._reporter(job, is_cancelled), is_cancelled)
        self._folder.mkdir(parents=True, exist_ok=True)
        with Caught() as caught:
            work(control)
        self._end(job, caught.error)

    def _end(self, job: Job, error: BaseException | None) -> None:
        now = self._clock.now()
        if job.id in self._cancelled:
            self._cancelled.discard(job.id)
            self._path_of(job.id).unlink(missing_ok=True)
            self._jobs.update(replace(job, state=JobState.CANCELLED, ended_at=now))
            return
        if error is None:
            self._jobs.update(replace(job, state=JobState.DONE, progress=1.0, ended_at=now))
            return
        self._path_of(job.id).unlink(missing_ok=True)
        why = str(error) if isinstance(error, OvdError) else describe_failure(error)
        if isinstance(error, _CancelledError):
            why = _ENDED
        self._jobs.update(replace(job, state=JobState.FAILED, ended_at=now, error=why))

    def _reporter(self, job: Job, is_cancelled: Callable[[], bool]) -> Callable[[float], None]:
        def report(share: float) -> None:
            if is_cancelled():
                raise _CancelledError
            self._jobs.update(replace(job, progress=min(1.0, max(0.0, share))))

        return report

    def _path_of(self, job_id: str) -> Path:
        return self._folder / job_id

    def _forget(self, job: Job) -> None:
        self._path_of(job.id).unlink(missing_ok=True)
        self._jobs.remove(job.id)


def _owner_of(who: Identity) -> str:
    return f"{who.kind.value}:{who.name}"


def _may_see(who: Identity, job: Job) -> bool:
    return who.role is Role.ADMIN or job.owner == _owner_of(who)
