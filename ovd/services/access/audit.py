"""AuditLog: entries of who changed what, when, and from where."""

from collections.abc import Sequence

from ovd.domain.access import AuditEntry, Identity
from ovd.domain.ports import AuditRepository, Clock

_LONGEST_TEXT = 1000
_LONGEST_ADDRESS = 64


class AuditLog:
    """Writes entries of the audit log, and reads them."""

    def __init__(self, repository: AuditRepository, clock: Clock) -> None:
        """Work on a repository.

        Args:
            repository: Where entries are stored.
            clock: Dates them.
        """
        self._repository = repository
        self._clock = clock

    def note(self, who: Identity, action: str, target: str = "", detail: str = "") -> None:
        """Store that someone did something.

        Args:
            who: Who did it.
            action: What was done, such as `cameras.add`.
            target: Name of what was changed.
            detail: More, for people; must be free of credentials.

        Raises:
            StoreError: If it cannot be written.
        """
        self._repository.add(
            AuditEntry(
                0,
                self._clock.now(),
                who.kind,
                _printable(who.name),
                _printable(who.address)[:_LONGEST_ADDRESS],
                action,
                _printable(target),
                _printable(detail),
            )
        )

    def newest(
        self, limit: int, before_id: int | None = None, actor: str | None = None
    ) -> Sequence[AuditEntry]:
        """Return entries, newest first; see `AuditRepository.newest`."""
        return self._repository.newest(limit, before_id, actor)


def _printable(text: str) -> str:
    """Return a text without characters that could forge lines or hide something."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)[
        :_LONGEST_TEXT
    ]
