"""Connections to a PostgreSQL server."""

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from ovd.errors import StoreOpenError
from ovd.store.connection.driver_errors import describe, store_errors
from ovd.store.schema.columns import to_json

CONNECT_TIMEOUT_S = 10


def build_server_engine(url: URL, lock_timeout_s: float) -> Engine:
    """Prepare connections to a server, and make the first one.

    A connection that the server closed meanwhile, as by a restart, is replaced unnoticed.

    Args:
        url: URL of the database; its driver is chosen here.
        lock_timeout_s: How long to wait while another program writes.

    Raises:
        StoreOpenError: If the driver is not installed, the options make no sense, or the server
            does not let us in.
    """
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
            max_overflow=-1,
            pool_pre_ping=True,
            json_serializer=to_json,
        )
    except (ArgumentError, ValueError) as error:
        raise _options_error(url) from error
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
    _connect_once(engine)
    return engine


def _connect_once(engine: Engine) -> None:
    """Connect, which the connection pool keeps: only the driver knows what its options mean."""
    try:
        with store_errors(engine.url), engine.connect():
            pass
    except (TypeError, ValueError) as error:
        engine.dispose()
        raise _options_error(engine.url) from error
    except BaseException:
        engine.dispose()
        raise


def _options_error(url: URL) -> StoreOpenError:
    return StoreOpenError(
        f"cannot use the options of the database {describe(url)}; write "
        "postgresql://user:password@host/ovd without them"
    )
