"""PeopleInside: reads how many people are inside sites, in a thread of its own."""

import threading
from collections.abc import Callable

from ovd.domain.ports import Clock
from ovd.errors import StoreError, UnknownSiteError
from ovd.threads import SupervisedThread, ThreadHealth

EVERY_S = 5.0
# A number that is older was not observed; a site that no rule asks for is forgotten.
LONGEST_AGE_S = 30.0


class PeopleInside:
    """Implements `ovd.services.alerts.surroundings.SiteWatch`.

    Reading may take seconds, as once a day when errors of doors are learned from weeks of counts;
    rules about other things must not wait for that. The thread starts when a site is asked for.
    """

    def __init__(self, read: Callable[[str], int | None], clock: Clock) -> None:
        """Read nothing yet.

        Args:
            read: Reads how many people are inside a site; None while that is not known.
            clock: Pacing.
        """
        self._read = read
        self._clock = clock
        self._changed = threading.Condition()
        self._asked_s: dict[str, float] = {}
        self._woken = False
        self._known: dict[str, tuple[float, int | None]] = {}
        self._thread = SupervisedThread("people inside", self._work, self._wake)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    def people_inside(self, site: str) -> int | None:
        """Return how many people are inside as read last; None while that is not known."""
        now_s = self._clock.monotonic()
        with self._changed:
            if site not in self._asked_s:
                self._woken = True
                self._changed.notify_all()
            self._asked_s[site] = now_s
            read_s, people = self._known.get(site, (now_s, None))
        self._thread.start()
        return people if now_s - read_s <= LONGEST_AGE_S else None

    def step(self) -> None:
        """Read every site that was asked for lately."""
        now_s = self._clock.monotonic()
        with self._changed:
            self._asked_s = {
                site: asked_s
                for site, asked_s in self._asked_s.items()
                if now_s - asked_s <= LONGEST_AGE_S
            }
            sites = tuple(self._asked_s)
        for site in sites:
            people = self._try(site)
            with self._changed:
                self._known[site] = (self._clock.monotonic(), people)

    def close(self) -> None:
        """End the thread. Calling it twice is harmless."""
        self._thread.stop(10.0)

    def _try(self, site: str) -> int | None:
        try:
            return self._read(site)
        except (StoreError, UnknownSiteError):
            return None

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            with self._changed:
                self._woken = False
            self.step()
            with self._changed:
                self._changed.wait_for(lambda: self._woken or stopping.is_set(), EVERY_S)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
