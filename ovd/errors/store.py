"""Errors of the database."""

from ovd.errors.foundation import OvdError


class StoreError(OvdError):
    """The database cannot be used."""

    code = "store_error"
    exit_code = 4


class StoreOpenError(StoreError):
    """The database cannot be reached, read or created."""

    code = "store_unavailable"


class StoreCorruptError(StoreError):
    """The file is no database, or a damaged one."""

    code = "store_corrupt"


class StoreVersionError(StoreError):
    """The database was written by a newer ovd."""

    code = "store_version"


class StoreWriteError(StoreError):
    """Counts could not be written: read-only, full or locked."""

    code = "store_readonly"


class ServerRunningError(StoreError):
    """Another server counts the cameras of the database."""

    code = "server_running"
