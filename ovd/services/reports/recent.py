"""RecentPages: pages of counts that were read a moment ago, for all who ask for the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ovd.domain.ports import Clock
from ovd.threads import Caught

# Counts are written once a second, so that a page that is quick to read is no older than this.
SHORTEST_S = 1.0
# One that takes long is kept for so many times as long, so that reading it over and over takes a
# twentieth of a processor from counting, but never longer than this.
TIMES_READING = 20.0
LONGEST_S = 10.0
_MOST_KEPT = 200
Page = TypeVar("Page")


@dataclass(eq=False)
class _Entry(Generic[Page]):
    page: "Future[Page]" = field(default_factory=Future)
    good_until_s: float = float("inf")


class RecentPages(Generic[Page]):
    """Remembers each page for a while; every method may be called from any thread.

    Several that ask for a page at once read it once.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin without pages.

        Args:
            clock: Its monotonic clock says how old a page is.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry[Page]] = OrderedDict()

    def get(self, key: Hashable, read: Callable[[], Page]) -> Page:
        """Return the page of a key, read now if it was not read lately.

        Raises:
            BaseException: What `read` raises; it is read again when asked for next.
        """
        began_s = self._clock.monotonic()
        with self._lock:
            known = self._entries.get(key)
            is_known = known is not None and began_s < known.good_until_s
            entry = known if known is not None and is_known else _Entry[Page]()
            if not is_known:
                self._entries[key] = entry
                self._entries.move_to_end(key)
                while len(self._entries) > _MOST_KEPT:
                    self._entries.popitem(last=False)
        if not is_known:
            self._read(key, entry, read, began_s)
        return entry.page.result()

    def _read(
        self, key: Hashable, entry: _Entry[Page], read: Callable[[], Page], began_s: float
    ) -> None:
        with Caught() as caught:
            page = read()
            now_s = self._clock.monotonic()
            kept_s = min(max(SHORTEST_S, TIMES_READING * (now_s - began_s)), LONGEST_S)
            entry.good_until_s = now_s + kept_s
            entry.page.set_result(page)
        if caught.error is not None:
            with self._lock:
                if self._entries.get(key) is entry:
                    del self._entries[key]
            entry.page.set_exception(caught.error)
