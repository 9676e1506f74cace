"""Maintenance of a whole database: measure it, compact it, compute its rollups."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, exists, func, or_, select, true
from sqlalchemy.exc import OperationalError

from ovd.domain.records import CountSelection
from ovd.store.connection.closable import Closable
from ovd.store.connection.engine import folder_of_engine, open_engine
from ovd.store.connection.transactions import no_transaction, read_transaction, write_transaction
from ovd.store.maintenance import pruning
from ovd.store.schema.tables import Base, CameraRow, FrameCountRow, QueryRow, RollupRow, TrackRow
from ovd.store.schema.upgrade import current_revision
from ovd.store.statements import rollups
from ovd.store.statements.reading import read_extents, read_kept_from


@dataclass(frozen=True)
class TableSize:
    """The size of a table.

    Attributes:
        name: Name of the table.
        rows: Number of rows.
        size_bytes: Bytes with its indexes; None where the database cannot tell.
    """

    name: str
    rows: int
    size_bytes: int | None


@dataclass(frozen=True)
class DatabaseSize:
    """The size of a database.

    Attributes:
        revision: Revision of its schema.
        tables: Every table of ovd, in the order in which they depend on each other.
        first_at: When the first count was taken, aware UTC; None without counts.
        last_at: When the last one was.
        kept_from: Moment from which on all counts per frame are still there; None if none was
            removed.
        free_bytes: Free bytes on its disk; None on a server.
    """

    revision: str
    tables: tuple[TableSize, ...]
    first_at: datetime | None
    last_at: datetime | None
    kept_from: datetime | None
    free_bytes: int | None


def measure(engine: Engine) -> DatabaseSize:
    """Count rows and bytes.

    Raises:
        StoreError: If the database cannot be read.
    """
    with read_transaction(engine) as connection:
        extents = read_extents(connection, CountSelection())
        sizes = _sizes(connection)
        tables = tuple(
            TableSize(
                table.name,
                connection.scalar(select(func.count()).select_from(table)) or 0,
                sizes.get(table.name),
            )
            for table in Base.metadata.sorted_tables
        )
        return DatabaseSize(
            revision=current_revision(connection) or "",
            tables=tables,
            first_at=min((extent.first_at for extent in extents), default=None),
            last_at=max((extent.last_at for extent in extents), default=None),
            kept_from=read_kept_from(connection, FrameCountRow.__tablename__),
            free_bytes=_free_bytes(engine),
        )


def _free_bytes(engine: Engine) -> int | None:
    folder = folder_of_engine(engine)
    return None if folder is None else pruning.disk_bytes(folder)


def _sizes(connection: Connection) -> dict[str, int]:
    """Bytes of tables with their indexes; nothing where SQLite was built without `dbstat`."""
    if connection.dialect.name == "postgresql":
        return _read_sizes(
            connection,
            "SELECT tablename, pg_total_relation_size(quote_ident(tablename)) FROM pg_tables "
            "WHERE schemaname = current_schema()",
        )
    try:
        return _read_sizes(
            connection,
            "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) "
            "GROUP BY tbl_name",
        )
    except OperationalError:
        return {}


def _read_sizes(connection: Connection, statement: str) -> dict[str, int]:
    return {name: int(size) for name, size in connection.exec_driver_sql(statement)}


def vacuum(engine: Engine) -> None:
    """Give back the space of removed rows and refresh what the planner knows.

    Raises:
        StoreError: If the disk has no room for the copy that SQLite makes, or others write.
    """
    with no_transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM (ANALYZE)")
            return
        for statement in ("VACUUM", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.exec_driver_sql(statement).close()


def rebuild_rollups(engine: Engine) -> int:
    """Sum all rollups anew from counts and tracks.

    One transaction per camera and query, so that a process that counts meanwhile waits little.

    Returns:
        How many pairs of camera and query were summed.

    Raises:
        StoreError: If the database cannot be read or written; each pair is old or new.
    """
    found = [
        exists().where(table.camera_id == CameraRow.id, table.query_id == QueryRow.id)
        for table in (FrameCountRow, TrackRow, RollupRow)
    ]
    pairs = select(CameraRow.id, QueryRow.id).join_from(CameraRow, QueryRow, true())
    with read_transaction(engine) as connection:
        todo = connection.execute(pairs.where(or_(*found))).all()
        kept_from = max(
            (
                moment
                for table in (FrameCountRow, TrackRow)
                if (moment := read_kept_from(connection, table.__tablename__)) is not None
            ),
            default=None,
        )
    for camera_id, query_id in todo:
        with write_transaction(engine) as connection:
            rollups.rebuild(connection, camera_id, query_id, kept_from)
    return len(todo)


class Maintenance(Closable):
    """A database that is there, for what is done to it as a whole; used in a `with` block."""

    def __init__(self, url: str) -> None:
        """Open it and bring it up to date.

        Raises:
            StoreError: If it is missing or cannot be used.
        """
        self._engine = open_engine(url, must_exist=True)

    def close(self) -> None:
        """Release the database. Calling it twice is harmless."""
        self._engine.dispose()

    def measure(self) -> DatabaseSize:
        """Count rows and bytes; see `measure`."""
        return measure(self._engine)

    def vacuum(self) -> None:
        """Give back unused space; see `vacuum`."""
        vacuum(self._engine)

    def rebuild_rollups(self) -> int:
        """Sum rollups anew; see `rebuild_rollups`."""
        return rebuild_rollups(self._engine)
