"""UserService: adds, changes and removes users, by the rules that hold wherever people do so."""

from collections.abc import Callable
from dataclasses import dataclass

from ovd.domain.access import Identity, NewUser, Role, User, UserChanges, check_account_name
from ovd.domain.names import normalise_name
from ovd.domain.ports import UserRepository
from ovd.errors import InputError, NotFoundError
from ovd.services.access.audit import AuditLog
from ovd.services.access.passwords import PasswordHasher, check_password

MOST_CAMERAS = 1000


@dataclass(frozen=True)
class UserRequest:
    """A change of a user as someone asks for it; None leaves a value as it is.

    Attributes:
        role: The new role.
        password: The new password.
        cameras: Names of the cameras that a viewer may see, where `sets_cameras`; None permits all.
        sets_cameras: Whether `cameras` is to be changed.
    """

    role: Role | None = None
    password: str | None = None
    cameras: tuple[str, ...] | None = None
    sets_cameras: bool = False


def read_cameras(names: tuple[str, ...] | None) -> frozenset[str] | None:
    """Return the cameras that are permitted, in the form their names are stored in.

    Raises:
        InputError: If there are too many.
    """
    if names is None:
        return None
    if len(names) > MOST_CAMERAS:
        raise InputError(f"at most {MOST_CAMERAS} cameras are wanted, got {len(names)}")
    return frozenset(map(normalise_name, names))


class UserService:
    """Changes users; each change is written to the audit log."""

    def __init__(
        self,
        users: UserRepository,
        hasher: PasswordHasher,
        audit: AuditLog,
        changed: Callable[[], None],
    ) -> None:
        """Work on the users of a repository.

        Args:
            users: Where they are stored.
            hasher: Hashes passwords.
            audit: Told of every change.
            changed: Called after every change, which holds for requests at once.
        """
        self._users = users
        self._hasher = hasher
        self._audit = audit
        self._changed = changed

    def all(self) -> tuple[User, ...]:
        """Return the users by name."""
        return self._users.all()

    def add(
        self,
        who: Identity,
        name: str,
        password: str,
        role: Role,
        cameras: tuple[str, ...] | None = None,
    ) -> User:
        """Add a user.

        Raises:
            InputError: If the name cannot be used.
            PasswordError: If the password cannot be used.
            ConflictError: If there is a user of that name.
            StoreError: If the database cannot be used.
        """
        checked = check_account_name(name)
        hashed = self._hasher.hash(check_password(password, checked))
        user = self._users.add(NewUser(checked, role, hashed, read_cameras(cameras)))
        self._changed()
        self._audit.note(who, "users.add", user.name, f"role {role.value}")
        return user

    def change(self, who: Identity, name: str, request: UserRequest) -> User:
        """Change a user; a new password or role ends the sessions of the user.

        Raises:
            NotFoundError: If there is no user of that name.
            ConflictError: If it is the last admin, and would be none.
            PasswordError: If the password cannot be used.
            StoreError: If the database cannot be used.
        """
        hashed = None
        if request.password is not None:
            hashed = self._hasher.hash(check_password(request.password, name))
        user = self._users.update(
            name,
            UserChanges(request.role, hashed, read_cameras(request.cameras), request.sets_cameras),
        )
        changed = (
            f"role {request.role.value}" if request.role is not None else "",
            "password" if hashed is not None else "",
            "cameras" if request.sets_cameras else "",
        )
        self._changed()
        self._audit.note(who, "users.change", user.name, ", ".join(filter(None, changed)))
        return user

    def remove(self, who: Identity, name: str) -> User:
        """Remove a user and end the sessions of it.

        Raises:
            NotFoundError: If there is no user of that name.
            ConflictError: If it is the last admin while there are other users.
            StoreError: If the database cannot be used.
        """
        user = self._users.remove(name)
        self._changed()
        self._audit.note(who, "users.remove", user.name)
        return user

    def find(self, name: str) -> User:
        """Return the user of that name.

        Raises:
            NotFoundError: If there is none.
            StoreError: If the database cannot be used.
        """
        user = self._users.find(name)
        if user is None:
            raise NotFoundError(f"there is no user {name[:80]!r}")
        return user
