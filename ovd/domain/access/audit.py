"""Entries of the audit log."""

from dataclasses import dataclass
from datetime import datetime

from ovd.domain.access.identity import IdentityKind
from ovd.domain.frame import require_aware


@dataclass(frozen=True)
class AuditEntry:
    """A change that was made, or a sign-in.

    Attributes:
        id: Key in the database, rising with time; 0 for one that is not stored yet.
        at: When, aware UTC.
        kind: Kind of who did it.
        actor: Name of who did it.
        address: Where it was done from.
        action: What was done, such as `cameras.add`.
        target: The name of what was changed.
        detail: More about it, for people; free of credentials.
    """

    id: int
    at: datetime
    kind: IdentityKind
    actor: str
    address: str
    action: str
    target: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at, "at")
