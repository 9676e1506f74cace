"""Port of jobs: long work that someone asked for and comes back to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class JobState(StrEnum):
    """The state of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Return whether nothing more happens."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Job:
    """Long work, and how far it is.

    Attributes:
        id: Random text that cannot be guessed.
        kind: What is done, such as `report`.
        owner: Kind and name of who asked for it.
        state: How it stands.
        progress: Share that is done, in [0, 1].
        created_at: When it was asked for, aware UTC.
        ended_at: When it ended, aware UTC; None before.
        error: Why it failed; empty otherwise.
        file_name: Name of the file that it makes.
    """

    id: str
    kind: str
    owner: str
    state: JobState
    progress: float
    created_at: datetime
    ended_at: datetime | None = None
    error: str = ""
    file_name: str = ""


class JobRepository(Protocol):
    """Jobs by id.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def add(self, job: Job) -> None:
        """Store a new job."""
        ...

    def update(self, job: Job) -> None:
        """Store how a job stands now; one that was removed stays so."""
        ...

    def find(self, job_id: str) -> Job | None:
        """Return the job of that id, None where there is none."""
        ...

    def all(self) -> tuple[Job, ...]:
        """Return the jobs, newest first."""
        ...

    def remove(self, job_id: str) -> None:
        """Forget a job."""
        ...
