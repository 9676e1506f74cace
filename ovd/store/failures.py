"""Turn what the database driver raises into ovd's errors, once and without credentials."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

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
    of_row = isinstance(error, IntegrityError | DataError)
    unknown = (RowRefusedError if of_row else otherwise, *_OTHERWISE)
    kind, what, remedy = _SQLITE.get(sqlite_code(error) or 0, unknown)
    verb = "write to" if issubclass(kind, StoreWriteError) else "use"
    return kind(f"cannot {verb} the database {describe(url)}: {what}; {remedy} ({error.orig})")


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
