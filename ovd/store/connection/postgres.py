"""Connections to a PostgreSQL server."""

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ovd.errors import StoreOpenError
from ovd.store.connection.driver_errors import describe
from ovd.store.schema.tables import to_json

CONNECT_TIMEOUT_S = 10


def build_server_engine(url: URL, lock_timeout_s: float) -> Engine:
    """Prepare connections to a server; none is made yet.

    A connection that the server closed meanwhile, as by a restart, is replaced unnoticed.

    Args:
        url: URL of the database; its driver is chosen here.
        lock_timeout_s: How long to wait while another program writes.

    Raises:
        StoreOpenError: If the driver is not installed.
    """
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
            max_overflow=-1,
            pool_pre_ping=True,
            json_serializer=to_json,
        )
    except ModuleNotFoundError as error:
        raise StoreOpenError(
            f"the database {describe(url)} needs the driver psycopg; install it with "
            "pip install 'ovd[postgres]', or name a file like sqlite:///folder/ovd.db"
        ) from error

    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {round(lock_timeout_s * 1000)}")
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", configure)
    return engine
