"""SqlDisplayRepository: the screens that show sites."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from ovd.domain.names import name_key
from ovd.domain.sites.display import Display
from ovd.errors import ConflictError, NotFoundError
from ovd.store.database import Database
from ovd.store.schema.site_tables import DisplayRow, SiteRow
from ovd.store.sites.repository import find_site_row


class SqlDisplayRepository:
    """Implements `ovd.domain.sites.DisplayRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, display: Display, secret_hash: str) -> None:
        """Keep a display.

        Raises:
            UnknownSiteError: If there is no site of that name.
            ConflictError: If the site has a display of that name.
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> None:
            with Session(connection) as session:
                site_id = find_site_row(session, display.site).id
                if _find(session, site_id, display.name) is not None:
                    raise ConflictError(
                        f"site {display.site[:80]!r} has a display {display.name[:80]!r} already; "
                        "give this one another name"
                    )
                session.add(
                    DisplayRow(
                        site_id=site_id,
                        key=name_key(display.name),
                        name=display.name,
                        secret_hash=secret_hash,
                        paired_by=display.paired_by,
                        paired_at=display.paired_at,
                    )
                )
                session.flush()

        self._database.change(add)

    def of(self, site: str) -> Sequence[Display]:
        """Return the displays of a site by name.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = find_site_row(session, site)
            statement = (
                select(DisplayRow).where(DisplayRow.site_id == row.id).order_by(DisplayRow.key)
            )
            return tuple(_record(found, row) for found in session.scalars(statement))

    def find(self, secret_hash: str) -> Display | None:
        """Return the display with a secret; None where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = session.scalar(select(DisplayRow).where(DisplayRow.secret_hash == secret_hash))
            if row is None:
                return None
            return _record(row, session.get_one(SiteRow, row.site_id))

    def note_seen(self, secret_hash: str, at: datetime) -> None:
        """Keep when a display asked; nothing happens where there is none.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = (
            update(DisplayRow).where(DisplayRow.secret_hash == secret_hash).values(last_seen_at=at)
        )
        self._database.change(lambda connection: connection.execute(statement))

    def remove(self, site: str, name: str) -> None:
        """Remove a display.

        Raises:
            UnknownSiteError: If there is no site of that name.
            NotFoundError: If the site has no display of that name.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> None:
            with Session(connection) as session:
                row = _find(session, find_site_row(session, site).id, name)
                if row is None:
                    raise NotFoundError(f"site {site[:80]!r} has no display {name[:80]!r}")
                session.delete(row)
                session.flush()

        self._database.change(remove)


def _find(session: Session, site_id: int, name: str) -> DisplayRow | None:
    statement = select(DisplayRow).where(
        DisplayRow.site_id == site_id, DisplayRow.key == name_key(name)
    )
    return session.scalar(statement)


def _record(row: DisplayRow, site: SiteRow) -> Display:
    name = str(site.description["name"])
    return Display(name, row.name, row.paired_by, row.paired_at, row.last_seen_at)
