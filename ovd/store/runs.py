"""SqlRunRepository: counting runs, and the signs of life of those that this process counts."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from ovd.domain.cameras import Camera
from ovd.domain.frame import require_aware
from ovd.domain.names import normalise_name
from ovd.domain.ports.detector import UNKNOWN_COMPUTATION, Computation
from ovd.domain.records import Recording, Run, RunStatus
from ovd.store.database import Database
from ovd.store.schema.tables import CameraRow, RunRow
from ovd.store.statements import writing
from ovd.store.statements.writing import RunEnd


class SqlRunRepository:
    """Implements `ovd.domain.ports.store.RunRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database
        self._own: set[int] = set()  # only the writer's thread touches it
        self._unwritten: dict[int, RunEnd] = {}
        database.add_heartbeat(self)

    @property
    def beats(self) -> bool:
        """Return whether a run of this process is active, or its end is not written yet."""
        return bool(self._own)

    def beat(self, connection: Connection, now: datetime) -> None:
        """Write that the runs of this process go on, and ends that could not be written before."""
        ended = dict(self._unwritten)
        for run_id in writing.write_ends(connection, ended):
            # Its end was in an earlier transaction that was kept.
            self._own.discard(run_id)
            del self._unwritten[run_id]
        writing.show_alive(connection, self._own - ended.keys(), now)

    def start(
        self,
        camera: Camera,
        detector: str,
        weights_sha256: str,
        started_at: datetime,
        computation: Computation = UNKNOWN_COMPUTATION,
        recording: Recording | None = None,
    ) -> Run:
        """Open a run that belongs to this process.

        Raises:
            StoreError: If it cannot be written.
        """
        require_aware(started_at, "started_at")
        run = Run(
            0,
            camera,
            detector,
            weights_sha256,
            started_at,
            None,
            RunStatus.RUNNING,
            runtime=computation.runtime,
            precision=computation.precision,
            recording=recording,
        )

        def start(to: Connection) -> int:
            return writing.insert_run(to, run, self._database.now())

        run_id = self._database.change(start, self._own.add)
        return replace(run, id=run_id)

    def end(self, run_id: int, status: RunStatus, ended_at: datetime, error: str = "") -> None:
        """Write what is queued, then close the run.

        Raises:
            StoreError: If counts or the end of the run could not be written. The end is written
                as soon as the database takes it, as long as this process lives.
        """
        require_aware(ended_at, "ended_at")
        end = RunEnd(status, ended_at, error)
        try:
            self._database.change(
                lambda to: writing.end_run(to, run_id, end),
                lambda _: self._own.discard(run_id),
            )
        except BaseException:
            self._unwritten[run_id] = end
            raise

    def close_stale(self, now: datetime) -> tuple[int, ...]:
        """Mark runs as interrupted whose process died; call it when the app starts.

        Such a run ends with the last sign of life of its process, at most one flush interval
        or heartbeat after its last count. Runs of living processes are left alone.

        Args:
            now: Current time, aware.

        Returns:
            Keys of the runs that were closed.

        Raises:
            StoreError: If they cannot be written.
        """
        require_aware(now, "now")
        return self._database.change(lambda to: writing.close_stale_runs(to, now, self._own))

    def all(self, camera: str | None = None) -> tuple[Run, ...]:
        """Return runs, newest first; none for an unknown camera.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(RunRow, CameraRow).join(CameraRow, CameraRow.id == RunRow.camera_id)
        if camera is not None:
            statement = statement.where(CameraRow.name == normalise_name(camera))
        statement = statement.order_by(RunRow.started_at.desc(), RunRow.id.desc())
        with self._database.read() as connection, Session(connection) as session:
            rows = session.execute(statement).all()
            return tuple(run.record(owner.record()) for run, owner in rows)
