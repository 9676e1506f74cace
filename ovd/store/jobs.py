"""SqlJobRepository: jobs that people asked for."""

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from ovd.domain.ports import Job
from ovd.store.database import Database
from ovd.store.schema.access_tables import JobRow


class SqlJobRepository:
    """Implements `ovd.domain.ports.JobRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, job: Job) -> None:
        """Store a new job.

        Raises:
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> None:
            with Session(connection) as session:
                session.add(JobRow(**(vars(job) | {"state": job.state.value})))
                session.flush()

        self._database.change(add)

    def update(self, job: Job) -> None:
        """Store how a job stands now; one that was removed stays so.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = (
            update(JobRow)
            .where(JobRow.id == job.id)
            .values(
                state=job.state.value,
                progress=job.progress,
                ended_at=job.ended_at,
                error=job.error,
                file_name=job.file_name,
            )
        )
        self._database.change(lambda to: to.execute(statement))

    def find(self, job_id: str) -> Job | None:
        """Return the job of that id, None where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = session.get(JobRow, job_id)
            return None if row is None else row.record()

    def all(self) -> tuple[Job, ...]:
        """Return the jobs, newest first.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(row.record() for row in session.scalars(statement))

    def remove(self, job_id: str) -> None:
        """Forget a job.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = delete(JobRow).where(JobRow.id == job_id)
        self._database.change(lambda to: to.execute(statement))
