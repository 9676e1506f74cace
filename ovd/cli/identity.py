"""The identity of someone who runs a command, what it changed, and passwords it is given."""

import getpass
import sys

from ovd.bootstrap import build_access
from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.ports import CountStore
from ovd.errors import InputError


def command_identity() -> Identity:
    """Return the identity of who runs this command, to whom the database is open anyway."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without an entry for its user
        name = "unknown"
    return Identity(IdentityKind.COMMAND, name, Role.ADMIN, address="local")


def note_command(store: CountStore, action: str, target: str = "", detail: str = "") -> None:
    """Write what a command changed into the audit log of the database.

    Args:
        store: The open database.
        action: What was done, such as `cameras.add`.
        target: Name of what was changed.
        detail: More, without credentials.

    Raises:
        StoreError: If it cannot be written.
    """
    build_access(store).audit.note(command_identity(), action, target, detail)


def read_new_password(from_stdin: bool) -> str:
    """Return a new password, typed twice without being shown, or from one line of stdin.

    Raises:
        InputError: If none came, or the two differ.
    """
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise InputError("no password came on stdin; write: printf '%s\\n' PASSWORD | ovd ...")
        return password
    if not sys.stdin.isatty():
        raise InputError("a password is typed on a terminal; in a script use --password-stdin")
    password = getpass.getpass("password: ")
    if getpass.getpass("again: ") != password:
        raise InputError("the two passwords differ; nothing was changed")
    return password
