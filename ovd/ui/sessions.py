"""The sessions of all open tabs."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from ovd.ui.session import Session

MOST_SESSIONS = 1000


@dataclass(frozen=True)
class Click:
    """One of several clicks of a tab that may arrive in another order than they were made.

    Attributes:
        what: What it chooses, such as the language.
        number: Its number among the clicks of the tab, which grows.
    """

    what: str
    number: int


class Sessions:
    """Sessions by tab; every method may be called from any thread.

    Beyond `MOST_SESSIONS` the one that was used longest ago is forgotten; its tab loads anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_tab: OrderedDict[str, Session] = OrderedDict()
        self._followed: dict[str, dict[str, int]] = {}

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
                forgotten, _ = self._by_tab.popitem(last=False)
                self._followed.pop(forgotten, None)

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

    def follow(self, tab: str, click: Click, change: Callable[[Session], Session]) -> None:
        """Change a session as a click asks, unless a later click has chosen otherwise already.

        Args:
            tab: Whose session it is.
            click: Which click of the tab it is.
            change: Makes the new session of the current one; it is called again where another
                action of the tab came between.
        """
        while (before := self.find(tab)) is not None:
            after = change(before)
            with self._lock:
                if self._by_tab.get(tab) is not before:
                    continue
                followed = self._followed.setdefault(tab, {})
                if followed.get(click.what, 0) < click.number:
                    followed[click.what] = click.number
                    self._by_tab[tab] = after
                return
