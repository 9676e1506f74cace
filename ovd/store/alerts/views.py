"""SqlCameraViews: reference views of cameras."""

from sqlalchemy import Connection, delete
from sqlalchemy.orm import Session

from ovd.domain.alerts import SavedView
from ovd.store.database import Database
from ovd.store.schema.alert_tables import CameraViewRow


class SqlCameraViews:
    """Implements `ovd.domain.ports.CameraViews`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def find(self, camera: str) -> SavedView | None:
        """Return the reference view of a camera; None where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = session.get(CameraViewRow, camera)
            return None if row is None else SavedView(row.camera, row.captured_at, row.image)

    def save(self, view: SavedView) -> None:
        """Keep a view as the reference view of its camera.

        Raises:
            StoreError: If it cannot be written.
        """

        def save(connection: Connection) -> None:
            with Session(connection) as session:
                session.merge(CameraViewRow(**vars(view)))
                session.flush()

        self._database.change(save)

    def remove(self, camera: str) -> None:
        """Forget the reference view of a camera.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = delete(CameraViewRow).where(CameraViewRow.camera == camera)
        self._database.change(lambda to: to.execute(statement))
