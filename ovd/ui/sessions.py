"""The sessions of all open tabs."""

import threading
from collections import OrderedDict
from dataclasses import fields, replace

from ovd.ui.session import Session

MOST_SESSIONS = 1000


class Sessions:
    """Sessions by tab; every method may be called from any thread.

    Beyond `MOST_SESSIONS` the one that was used longest ago is forgotten; its tab loads anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_tab: OrderedDict[str, Session] = OrderedDict()

    def find(self, tab: str) -> Session | None:
        """Return the session of a tab, None if it is not known (any more)."""
        with self._lock:
            session = self._by_tab.get(tab)
            if session is not None:
                self._by_tab.move_to_end(tab)
            return session

    def begin(self, tab: str, session: Session) -> None:
        """Keep the session of a tab that was just loaded."""
        with self._lock:
            self._by_tab[tab] = session
            self._by_tab.move_to_end(tab)
            while len(self._by_tab) > MOST_SESSIONS:
                self._by_tab.popitem(last=False)

    def change(self, tab: str, before: Session, after: Session) -> None:
        """Keep what an action changed in a session.

        Another action of the tab may have changed something else meanwhile, which stays.
        """
        changed = {
            field.name: getattr(after, field.name)
            for field in fields(Session)
            if getattr(after, field.name) is not getattr(before, field.name)
        }
        with self._lock:
            current = self._by_tab.get(tab)
            if current is not None:
                self._by_tab[tab] = replace(current, **changed)
