"""The cameras that people keep by name."""

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from ovd.domain.ports import Clock
from ovd.domain.records import Camera
from ovd.errors import CameraError
from ovd.store.camera_names import check_camera
from ovd.store.tables import CameraRow, RunRow, ZoneRow
from ovd.store.transactions import read_transaction, write_transaction


class SqlCameraRegister:
    """Implements `ovd.domain.live.CameraRegister`; counts are never touched."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Work on a database that is up to date."""
        self._engine = engine
        self._clock = clock

    def add(self, name: str, uri: str) -> Camera:
        """Keep a camera; one that was removed is taken up again with what it counted.

        Raises:
            CameraError: If there is one of that name, or the name cannot be used.
            ValueError: If the URI still holds a password.
            StoreError: If it cannot be written.
        """
        check_camera(name, uri)
        with write_transaction(self._engine) as connection, Session(connection) as session:
            row = session.scalar(select(CameraRow).where(CameraRow.name == name))
            if row is not None and row.enabled:
                raise CameraError(
                    f"there is a camera {name!r} already ({row.uri}); choose another name, or "
                    f"remove it first: ovd cameras remove {name}"
                )
            if row is None:
                row = CameraRow(name=name, uri=uri, created_at=self._clock.now(), enabled=True)
                session.add(row)
            row.uri, row.enabled = uri, True
            session.flush()
            return row.record()

    def all(self) -> tuple[Camera, ...]:
        """The cameras by name, without those that were removed.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(CameraRow).where(CameraRow.enabled)
        with read_transaction(self._engine) as connection, Session(connection) as session:
            cameras = [row.record() for row in session.scalars(statement)]
        return tuple(sorted(cameras, key=lambda camera: camera.name))

    def find(self, name: str) -> Camera:
        """The camera of that name.

        Raises:
            CameraError: If there is none.
            StoreError: If it cannot be read.
        """
        cameras = {camera.name: camera for camera in self.all()}
        if name not in cameras:
            known = ", ".join(cameras) or "none"
            raise CameraError(f"there is no camera {name!r}; known: {known}")
        return cameras[name]

    def remove(self, name: str) -> bool:
        """Take a camera off; returns whether it has counts and lives on in reports.

        Raises:
            CameraError: If there is none of that name.
            StoreError: If it cannot be written.
        """
        camera = self.find(name)
        used = select(
            exists().where(RunRow.camera_id == camera.id)
            | exists().where(ZoneRow.camera_id == camera.id)
        )
        with write_transaction(self._engine) as connection, Session(connection) as session:
            row = session.get_one(CameraRow, camera.id)
            kept = bool(session.scalar(used))
            if kept:
                row.enabled = False
            else:
                session.delete(row)
            session.flush()
        return kept

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()
