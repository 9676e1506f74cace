"""Turn what the database driver raises into ovd's errors, once and without credentials."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from ovd.errors import StoreCorruptError, StoreError, StoreOpenError, StoreWriteError

_PRIMARY_CODE = 0xFF

# SQLite's primary result code -> the error to raise, what is wrong, what to do.
_SQLITE: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_CORRUPT: (
        StoreCorruptError,
        "the file is damaged or cut off",
        "restore a copy, or name another file",
    ),
    sqlite3.SQLITE_NOTADB: (
        StoreCorruptError,
        "the file is no SQLite database, or its start is damaged",
        "restore a copy, or name another file",
    ),
    sqlite3.SQLITE_READONLY: (
        StoreWriteError,
        "it is read-only",
        "make the file and its folder writable, or name another file",
    ),
    sqlite3.SQLITE_FULL: (StoreWriteError, "the disk is full", "free some space"),
    sqlite3.SQLITE_BUSY: (
        StoreWriteError,
        "another program keeps it locked",
        "close that program, then try again",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreOpenError,
        "the file cannot be opened or created",
        "check the path and that you may read and write there",
    ),
    sqlite3.SQLITE_PERM: (StoreOpenError, "access was denied", "check the file's permissions"),
}
# PostgreSQL's SQLSTATE, or its class, likewise.
_POSTGRES: dict[str, tuple[type[StoreError], str, str]] = {
    "53100": (StoreWriteError, "the disk of the server is full", "free some space"),
    "25006": (StoreWriteError, "it is read-only", "name another server or user"),
    "42501": (StoreOpenError, "access was denied", "give the user rights on the tables"),
    "55P03": (
        StoreWriteError,
        "another program keeps it locked",
        "close that program, then try again",
    ),
    "XX": (StoreCorruptError, "the server found it damaged", "restore a copy"),
}
_UNREACHABLE = (
    "the server cannot be reached or refused the connection",
    "check that it runs, the address, database, user and password",
)
_OTHERWISE = ("the database refused", "look at the reason in brackets")


class RowRefusedError(StoreWriteError):
    """A row breaks a rule of the database; writing it again would fail again."""


def describe(url: URL) -> str:
    """The URL for people: no password, and no options, where one could hide."""
    return url.set(query={}).render_as_string(hide_password=True)


def sqlite_code(error: DBAPIError) -> int | None:
    """Primary SQLite result code of a driver error, or None if it has none."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY_CODE


def to_store_error(error: DBAPIError, url: URL, otherwise: type[StoreError]) -> StoreError:
    """Build the error to raise for a driver error.

    Args:
        error: What SQLAlchemy raised; only the driver's own message is repeated, never the
            statement or its values.
        url: Database that was used.
        otherwise: Class for a reason that says nothing about its kind.
    """
    kind, what, remedy = _explain(error, otherwise)
    verb = "write to" if issubclass(kind, StoreWriteError) else "use"
    reason = str(error.orig)
    if url.password:
        reason = reason.replace(str(url.password), "***")
    return kind(f"cannot {verb} the database {describe(url)}: {what}; {remedy} ({reason.strip()})")


def _explain(error: DBAPIError, otherwise: type[StoreError]) -> tuple[type[StoreError], str, str]:
    if isinstance(error, IntegrityError | DataError):
        return RowRefusedError, *_OTHERWISE
    state = getattr(error.orig, "sqlstate", None)
    known = _SQLITE.get(sqlite_code(error) or 0)
    if state is not None:
        known = _POSTGRES.get(state) or _POSTGRES.get(state[:2])
    if known is not None:
        return known
    on_server = sqlite_code(error) is None
    if on_server and isinstance(error, OperationalError):
        return otherwise, *_UNREACHABLE
    return otherwise, *_OTHERWISE


@contextmanager
def store_errors(url: URL, otherwise: type[StoreError] = StoreOpenError) -> Iterator[None]:
    """Translate the driver's errors inside the block.

    Raises:
        StoreError: A subclass that fits, for any error of the database driver.
    """
    try:
        yield
    except DBAPIError as error:
        raise to_store_error(error, url, otherwise) from error
    except sqlite3.Error as error:
        raise to_store_error(DBAPIError("", None, error), url, otherwise) from error
