"""Health of the app: how its long-lived threads stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ovd.threads import Threaded, ThreadHealth


@dataclass(frozen=True)
class ServicesHealth:
    """The health of the services, for the page, the API and monitoring.

    Attributes:
        threads: Every long-lived thread, with what it failed of last.
    """

    threads: tuple[ThreadHealth, ...]

    @classmethod
    def of(cls, services: Iterable[Threaded]) -> Self:
        """Return how the threads of these services stand as of now; does no I/O."""
        return cls(tuple(thread for service in services for thread in service.threads))

    @property
    def failing(self) -> tuple[ThreadHealth, ...]:
        """Threads that do not run though they should."""
        return tuple(thread for thread in self.threads if not thread.good)

    @property
    def good(self) -> bool:
        """Return whether every thread runs, or has nothing to do."""
        return not self.failing
