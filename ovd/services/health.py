"""Health of the app: how its long-lived threads and the subscribers of events stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ovd.domain.ports.detector import UNKNOWN_COMPUTATION, Computation
from ovd.services.events import EventHub, SubscriberHealth
from ovd.threads import Threaded, ThreadHealth


@dataclass(frozen=True)
class ServicesHealth:
    """The health of the services, for the page, the API and monitoring.

    Attributes:
        threads: Every long-lived thread, with what it failed of last.
        subscribers: Everything that follows events of cameras, with what it missed.
        computation: How the detector's network is computed, and why not otherwise; counts go on.
    """

    threads: tuple[ThreadHealth, ...]
    subscribers: tuple[SubscriberHealth, ...] = ()
    computation: Computation = UNKNOWN_COMPUTATION

    @classmethod
    def of(
        cls,
        services: Iterable[Threaded],
        events: EventHub | None = None,
        computation: Computation = UNKNOWN_COMPUTATION,
    ) -> Self:
        """Return how things stand as of now; does no I/O.

        Args:
            services: Services with threads of their own.
            events: Where subscribers and their threads are known.
            computation: How the detector's network is computed as of now.
        """
        threads = tuple(thread for service in services for thread in service.threads)
        if events is None:
            return cls(threads, computation=computation)
        return cls(threads + events.threads, events.subscribers, computation)

    @property
    def failing(self) -> tuple[ThreadHealth, ...]:
        """Threads that do not run though they should."""
        return tuple(thread for thread in self.threads if not thread.good)

    @property
    def good(self) -> bool:
        """Return whether every thread runs, or has nothing to do."""
        return not self.failing
