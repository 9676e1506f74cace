"""Updates for open tabs: only changes, drawn once for all of them."""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from ovd.bootstrap import Services
from ovd.errors import CameraError
from ovd.threads import Caught, describe_failure, log_failure
from ovd.ui.json_value import JsonValue
from ovd.ui.page_state import PageState, read_page_state
from ovd.ui.parts import Part, list_parts
from ovd.ui.session import Session
from ovd.ui.sessions import Sessions

Changes = dict[str, JsonValue]
Drawn = dict[tuple[str, Hashable], JsonValue]
_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Viewer:
    """One open connection of a tab.

    Attributes:
        tab: Whose it is.
        seen: Version of each part as it was sent last.
        failures: Why parts could not be drawn last; empty if all could.
    """

    tab: str
    seen: dict[str, Hashable] = field(default_factory=dict)
    failures: frozenset[str] = frozenset()


class LivePage:
    """Draws what moves on the page; every method may be called from any thread."""

    def __init__(self, services: Services) -> None:
        """Begin without sessions.

        Args:
            services: What the page works with.
        """
        self.sessions = Sessions()
        self._services = services
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    def read_state(self, session: Session) -> PageState:
        """Return what a session shows now."""
        return read_page_state(self._services.overview.now(), self._services.fleet, session)

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake`, from any thread, whenever an action changed what tabs may show."""
        with self._lock:
            self._wakers.append(wake)

    def unsubscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` no more."""
        with self._lock:
            self._wakers.remove(wake)

    def wake(self) -> None:
        """Say that an action changed something."""
        with self._lock:
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()

    def refresh_report(self) -> bool:
        """Read one report from the database if one is due; say whether one was read."""
        today = self._services.today
        return self._services.newest.refresh() or (today is not None and today.refresh())

    def draw_changes(self, viewers: Iterable[Viewer]) -> list[Changes]:
        """Return what changed for each viewer since it was last asked for, and note it as seen.

        A viewer whose session is unknown gets None for "session": its page has to be loaded anew.
        A part that cannot be drawn is left out, and the log says why once; its tab gets the other
        parts, and the other tabs theirs.
        """
        drawn: Drawn = {}
        return [self._draw(viewer, drawn) for viewer in viewers]

    def _draw(self, viewer: Viewer, drawn: Drawn) -> Changes:
        session = self.sessions.find(viewer.tab)
        if session is None:
            return {"session": None}
        changes: Changes = {}
        errors: list[BaseException] = []
        with Caught() as caught:
            for read_parts in list_parts(self._services, self.read_state(session)):
                with Caught() as part_caught:
                    for part in read_parts():
                        _draw_part(part, viewer, drawn, changes)
                if part_caught.error is not None:
                    errors.append(part_caught.error)
        if caught.error is not None:
            errors.append(caught.error)
        viewer.failures = _log_new(errors, viewer.failures)
        return changes


def _draw_part(part: Part, viewer: Viewer, drawn: Drawn, changes: Changes) -> None:
    """Add a part to the changes of a viewer, unless the viewer has it."""
    if viewer.seen.get(part.name) == part.version:
        return
    key = (part.name, part.version)
    if key not in drawn:
        drawn[key] = part.draw()
    changes[part.name] = drawn[key]
    viewer.seen[part.name] = part.version


def _log_new(errors: Iterable[BaseException], known: frozenset[str]) -> frozenset[str]:
    """Log the errors that are not known, so not again in every round; returns all of them."""
    failures: set[str] = set()
    for error in errors:
        if isinstance(error, CameraError):  # the camera was removed this moment
            continue
        failure = describe_failure(error)
        if failure not in known | failures:
            log_failure(_LOG, "a part of a tab cannot be drawn", error)
        failures.add(failure)
    return frozenset(failures)
