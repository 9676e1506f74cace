"""SqlSchedules: reports that people want made repeatedly."""

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from ovd.domain.names import name_key
from ovd.domain.ports.schedules import ScheduleRecord
from ovd.errors import ScheduleError
from ovd.store.database import Database
from ovd.store.schema.delivery_tables import ScheduleRow


class SqlSchedules:
    """Implements `ovd.domain.ports.schedules.ScheduleRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def all(self) -> tuple[ScheduleRecord, ...]:
        """Return the schedules by name.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(ScheduleRow).order_by(ScheduleRow.key)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(row.record() for row in session.scalars(statement))

    def add(self, record: ScheduleRecord) -> None:
        """Add a schedule.

        Raises:
            ScheduleError: If there is one of that name.
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> None:
            with Session(connection) as session:
                if _row_named(session, record.name) is not None:
                    raise ScheduleError(
                        f"there is a schedule {record.name!r} already; choose another name, or "
                        "change it"
                    )
                row = ScheduleRow(key=name_key(record.name), created_at=record.created_at)
                _write(row, record)
                session.add(row)
                session.flush()

        self._database.change(add)

    def replace(self, record: ScheduleRecord) -> None:
        """Replace the schedule of a name.

        Raises:
            ScheduleError: If there is none.
            StoreError: If it cannot be written.
        """

        def replace(connection: Connection) -> None:
            with Session(connection) as session:
                _write(_find_row(session, record.name), record)
                session.flush()

        self._database.change(replace)

    def remove(self, name: str) -> None:
        """Remove the schedule of a name.

        Raises:
            ScheduleError: If there is none.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> None:
            with Session(connection) as session:
                session.delete(_find_row(session, name))
                session.flush()

        self._database.change(remove)


def _write(row: ScheduleRow, record: ScheduleRecord) -> None:
    row.definition = {"name": record.name, **record.definition}
    row.enabled = record.enabled


def _row_named(session: Session, name: str) -> ScheduleRow | None:
    return session.scalar(select(ScheduleRow).where(ScheduleRow.key == name_key(name)))


def _find_row(session: Session, name: str) -> ScheduleRow:
    row = _row_named(session, name)
    if row is None:
        raise ScheduleError(f"there is no schedule {name!r}")
    return row
