"""Users, their sessions, and API tokens."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from ovd.domain.access.identity import Role
from ovd.domain.names import normalise_name
from ovd.errors import InputError

MAX_ACCOUNT_NAME = 64
_ACCOUNT_NAME = re.compile(r"[\w][\w.@+-]*")


def check_account_name(text: str) -> str:
    """Return the name of a user or token as it is stored.

    Raises:
        InputError: If it is empty, too long or holds other characters than letters, digits and
            `. _ - @ +`.
    """
    name = normalise_name(text)
    if len(name) > MAX_ACCOUNT_NAME or not _ACCOUNT_NAME.fullmatch(name):
        raise InputError(
            f"a name of 1 to {MAX_ACCOUNT_NAME} letters, digits and . _ - @ + is wanted, got "
            f"{text[:MAX_ACCOUNT_NAME]!r}"
        )
    return name


@dataclass(frozen=True)
class User:
    """A person who may sign in.

    Attributes:
        id: Key in the database.
        name: Unique name, whatever its case.
        role: What the user may do.
        created_at: Aware UTC.
        cameras: Cameras that a viewer may see; None permits all. Other roles see all.
        has_password: Whether the user signs in with a password; False for one of a single sign-on.
    """

    id: int
    name: str
    role: Role
    created_at: datetime
    cameras: frozenset[str] | None = None
    has_password: bool = True


@dataclass(frozen=True)
class NewUser:
    """A user to be added.

    Attributes:
        name: Its name; stored in the form of `check_account_name`.
        role: What the user may do.
        password_hash: Hash of the password; empty for a user of a single sign-on.
        cameras: As in `User`.
        subject: Key of the user at a single sign-on; empty for one who signs in with a password.
    """

    name: str
    role: Role
    password_hash: str = field(default="", repr=False)
    cameras: frozenset[str] | None = None
    subject: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_account_name(self.name))


@dataclass(frozen=True)
class UserChanges:
    """Changes to a user; None leaves a value as it is.

    Attributes:
        role: The new role.
        password_hash: Hash of the new password.
        cameras: The cameras that a viewer may see, where `sets_cameras`.
        sets_cameras: Whether `cameras` is to be stored, as None means all of them.
    """

    role: Role | None = None
    password_hash: str | None = field(default=None, repr=False)
    cameras: frozenset[str] | None = None
    sets_cameras: bool = False


@dataclass(frozen=True)
class Session:
    """A signed-in browser.

    Attributes:
        id: Hash of the secret in its cookie; the secret itself is stored nowhere.
        user: Whose it is.
        created_at: When the user signed in, aware UTC.
        seen_at: When it was used last, aware UTC, to the minute.
        address: Address that the user signed in from.
    """

    id: str
    user: User
    created_at: datetime
    seen_at: datetime
    address: str


@dataclass(frozen=True)
class Token:
    """An API token; only a hash of its secret is stored.

    Attributes:
        id: Key in the database.
        name: Unique name, whatever its case.
        role: What it may do.
        prefix: First characters of the secret, by which people recognise it.
        created_at: Aware UTC.
        expires_at: When it ends, aware UTC; None never.
        last_used_at: When it was used last, aware UTC, to the minute; None before.
        created_by: Who made it.
        cameras: As in `User`.
    """

    id: int
    name: str
    role: Role
    prefix: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    created_by: str = ""
    cameras: frozenset[str] | None = None
