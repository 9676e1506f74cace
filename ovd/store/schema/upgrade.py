"""Bring a database to the schema of this code, once, whoever opens it first."""

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, text

from ovd.errors import StoreOpenError, StoreVersionError
from ovd.store.connection.driver_errors import describe
from ovd.store.connection.transactions import read_transaction, write_transaction
from ovd.store.schema.all_tables import METADATA

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Oldest first. Kept here so that an up-to-date database opens without loading Alembic.
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0010",
    "0011",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0021",
    "0022",
    "0023",
    "0024",
    "0030",
    "0031",
    "0032",
    "0033",
)
HEAD = REVISIONS[-1]

_VERSION_TABLE = "alembic_version"


def current_revision(connection: Connection) -> str | None:
    """Revision of the database; None for an empty one.

    Raises:
        StoreOpenError: If the database belongs to another program.
        StoreVersionError: If this code does not know its revision.
    """
    tables = inspect(connection).get_table_names()
    where = describe(connection.engine.url)
    if _VERSION_TABLE not in tables:
        if tables:
            raise StoreOpenError(
                f"the database {where} belongs to another program (it has the tables "
                f"{', '.join(tables[:5])}); name another file"
            )
        return None
    revision = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608
    if revision not in REVISIONS:
        raise StoreVersionError(
            f"the database {where} was written by a newer ovd (schema {revision}; this one knows "
            f"up to {HEAD}); update ovd, or name another file"
        )
    return str(revision)


def upgrade(engine: Engine, must_exist: bool = False) -> None:
    """Create or upgrade the schema; an up-to-date database is only read.

    Two processes may do this at once: the second waits for the first and finds nothing to do.

    Args:
        engine: The database.
        must_exist: Whether an empty database of a server is an error.

    Raises:
        StoreError: If the database cannot be upgraded; then it is unchanged.
    """
    with read_transaction(engine) as connection:
        revision = current_revision(connection)
    if revision == HEAD:
        return
    if must_exist and revision is None and engine.dialect.name != "sqlite":
        raise StoreOpenError(
            f"the database {describe(engine.url)} holds no counts yet; counting fills it, or check "
            "its name"
        )
    with write_transaction(engine) as connection:
        revision = current_revision(connection)
        if revision is None and engine.dialect.name == "sqlite":
            _create(connection)
        elif revision != HEAD:
            migrate(connection)


def _create(connection: Connection) -> None:
    """Create the newest schema at once, which takes a twentieth of the time of all migrations."""
    METADATA.create_all(connection, checkfirst=False)
    version = Table(_VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection)
    connection.execute(version.insert().values(version_num=HEAD))


def migrate(connection: Connection) -> None:
    """Run the migrations that a database lacks, in the open transaction."""
    # Loading Alembic takes longer than opening a database that needs no upgrade.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
