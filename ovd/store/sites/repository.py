"""SqlSiteRepository: sites, and the numbers of people inside that were set by hand."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from ovd.domain.names import name_key
from ovd.domain.sites import Site, SiteReset, describe_site, parse_site
from ovd.errors import ConflictError, UnknownSiteError
from ovd.store.database import Database
from ovd.store.schema.site_tables import (
    DisplayRow,
    SiteCountRow,
    SiteDayRow,
    SiteResetRow,
    SiteRow,
    SiteSaleRow,
)


class SqlSiteRepository:
    """Implements `ovd.domain.sites.SiteRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, site: Site) -> None:
        """Add a site.

        Raises:
            ConflictError: If there is one of that name.
            StoreError: If it cannot be written.
        """
        now = self._database.now()

        def add(connection: Connection) -> None:
            with Session(connection) as session:
                _require_free(session, site.name, None)
                row = SiteRow(
                    key=name_key(site.name), description=describe_site(site), created_at=now
                )
                session.add(row)
                session.flush()

        self._database.change(add)

    def replace(self, name: str, site: Site) -> None:
        """Replace what is set for a site.

        Raises:
            UnknownSiteError: If there is none of that name.
            ConflictError: If another has the new name.
            StoreError: If it cannot be written.
        """

        def replace(connection: Connection) -> None:
            with Session(connection) as session:
                row = find_site_row(session, name)
                _require_free(session, site.name, row.id)
                row.key, row.description = name_key(site.name), describe_site(site)
                session.flush()

        self._database.change(replace)

    def all(self) -> Sequence[Site]:
        """Return the sites by name.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            rows = session.scalars(select(SiteRow))
            return sorted(
                (parse_site(row.description) for row in rows), key=lambda site: name_key(site.name)
            )

    def find(self, name: str) -> Site:
        """Return a site.

        Raises:
            UnknownSiteError: If there is none of that name.
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            return parse_site(find_site_row(session, name).description)

    def remove(self, name: str) -> None:
        """Remove a site with everything that is kept of it alone.

        Raises:
            UnknownSiteError: If there is none of that name.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> None:
            with Session(connection) as session:
                row = find_site_row(session, name)
                for kept in (SiteResetRow, DisplayRow, SiteSaleRow, SiteCountRow, SiteDayRow):
                    session.execute(delete(kept).where(kept.site_id == row.id))
                session.delete(row)
                session.flush()

        self._database.change(remove)

    def add_reset(self, name: str, reset: SiteReset) -> None:
        """Keep a correction; one of the same time is replaced.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> None:
            with Session(connection) as session:
                site_id = find_site_row(session, name).id
                session.execute(
                    delete(SiteResetRow).where(
                        SiteResetRow.site_id == site_id, SiteResetRow.at == reset.at
                    )
                )
                session.add(
                    SiteResetRow(site_id=site_id, at=reset.at, people=reset.people, by=reset.by)
                )
                session.flush()

        self._database.change(add)

    def resets(self, name: str, start_at: datetime, end_at: datetime) -> Sequence[SiteReset]:
        """Return the corrections from `start_at` to before `end_at`, oldest first.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            statement = (
                select(SiteResetRow)
                .where(
                    SiteResetRow.site_id == find_site_row(session, name).id,
                    SiteResetRow.at >= start_at,
                    SiteResetRow.at < end_at,
                )
                .order_by(SiteResetRow.at)
            )
            return tuple(
                SiteReset(row.at, row.people, row.by) for row in session.scalars(statement)
            )


def find_site_row(session: Session, name: str) -> SiteRow:
    """Return the row of a site.

    Raises:
        UnknownSiteError: If there is none of that name.
    """
    row = session.scalar(select(SiteRow).where(SiteRow.key == name_key(name)))
    if row is None:
        raise UnknownSiteError(f"there is no site {name[:80]!r}")
    return row


def _require_free(session: Session, name: str, own_id: int | None) -> None:
    row = session.scalar(select(SiteRow).where(SiteRow.key == name_key(name)))
    if row is not None and row.id != own_id:
        raise ConflictError(
            f"there is a site {name[:80]!r} already; change it, or take another name"
        )
