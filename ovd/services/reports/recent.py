"""RecentPages: pages of counts that were read a moment ago, for all who ask for the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from ovd.domain.ports import Clock

# Counts are written once a second, so that an answer is no older than this.
KEPT_S = 1.0
_MOST_KEPT = 200
Page = TypeVar("Page")


class RecentPages(Generic[Page]):
    """Remembers each page for a second; every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        """Begin without pages.

        Args:
            clock: Its monotonic clock says how old a page is.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._pages: OrderedDict[Hashable, tuple[float, Page]] = OrderedDict()

    def get(self, key: Hashable, read: Callable[[], Page]) -> Page:
        """Return the page of a key, read now if it was not read within the last second."""
        now_s = self._clock.monotonic()
        with self._lock:
            known = self._pages.get(key)
        if known is not None and now_s - known[0] < KEPT_S:
            return known[1]
        page = read()
        with self._lock:
            self._pages[key] = now_s, page
            self._pages.move_to_end(key)
            while len(self._pages) > _MOST_KEPT:
                self._pages.popitem(last=False)
        return page
