"""Roles, and the identities that requests are made by."""

from dataclasses import dataclass, field
from enum import StrEnum

from ovd.domain.names import normalise_name
from ovd.errors import ForbiddenError


class Role(StrEnum):
    """Roles of users and tokens, each of which may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Return its place: the higher, the more it may do."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Return whether it may do what `other` may."""
        return self.rank >= other.rank


class IdentityKind(StrEnum):
    """The kinds of identities that requests are made by."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - the word, no secret
    COMMAND = "command"
    OPEN = "open"
    BROKER = "mqtt"


@dataclass(frozen=True)
class Identity:
    """The sender of a request, and what it may do.

    Attributes:
        kind: USER and TOKEN are known by credentials; COMMAND is someone on the machine itself;
            OPEN is anyone on the machine itself while there are no users; BROKER is anyone who may
            publish commands at the MQTT broker of the settings.
        name: Name of the user or token; empty for OPEN.
        role: What the identity may do.
        cameras: Cameras that it may see; None permits all.
        address: Where the request comes from.
        session_id: Key of the session; empty where there is none.
    """

    kind: IdentityKind
    name: str
    role: Role
    cameras: frozenset[str] | None = None
    address: str = ""
    session_id: str = field(default="", repr=False)

    def may_see(self, camera: str) -> bool:
        """Return whether it may see a camera and its counts."""
        return self.cameras is None or normalise_name(camera) in self.cameras

    def require(self, role: Role) -> None:
        """Refuse what takes a higher role.

        Raises:
            ForbiddenError: If this role does not include `role`.
        """
        if not self.role.includes(role):
            raise ForbiddenError(f"this takes the role {role.value}; yours is {self.role.value}")
