"""LiveFeed: the newest counts, gaps, states and alerts of cameras as numbered messages."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ovd.services.events import AlertTold, CameraStateChanged, Event, FrameCounted, GapObserved

MOST_KEPT = 2000
# Shortest interval between two counts of a camera; the counts between them are in the database.
COUNT_EVERY_S = 1.0


@dataclass(frozen=True)
class FeedMessage:
    """A count, a gap or a change of state of one camera, or an alert.

    Attributes:
        number: Position in the feed; rises by one with every message.
        kind: `count`, `gap`, `state` or `alert`.
        camera: Name of the camera; empty for an alert about the machine.
        data: Content of the message, ready for JSON.
    """

    number: int
    kind: str
    camera: str
    data: Mapping[str, object]


class LiveFeed:
    """Keeps the newest messages, so that a client which reconnects soon misses none.

    Subscribe `handle` to an `EventHub`. Every method may be called from any thread.
    """

    def __init__(self) -> None:
        """Start without messages."""
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._messages: deque[FeedMessage] = deque(maxlen=MOST_KEPT)
        self._wakers: set[Callable[[], None]] = set()
        self._counted_at: dict[str, datetime] = {}

    @property
    def newest(self) -> int:
        """Return the number of the newest message; 0 before the first."""
        with self._lock:
            return self._messages[-1].number if self._messages else 0

    def handle(self, event: Event) -> None:
        """Add the message of an event; counts of a camera at most once per `COUNT_EVERY_S`."""
        match event:
            case FrameCounted(run, _, result):
                at, name = result.frame.captured_at, run.camera.name
                if not self._is_due(name, at):
                    return
                counts = [
                    {"query": item.query.text, "count": item.count, "unique": item.unique}
                    for item in result.counts
                ]
                self._add("count", name, {"at": at.isoformat(), "counts": counts})
            case GapObserved(run, gap):
                times = {"from": gap.started_at.isoformat(), "to": gap.ended_at.isoformat()}
                self._add("gap", run.camera.name, times | {"reason": gap.reason})
            case CameraStateChanged(camera, status, source, detail, at):
                words = {"state": status.value, "source": source.value, "detail": detail}
                self._add("state", camera, {"at": at.isoformat()} | words)
            case AlertTold(message):
                self._add("alert", message.camera, message.body())

    def after(self, number: int) -> tuple[FeedMessage, ...]:
        """Return the kept messages after a number, oldest first.

        A number above the newest, as of an earlier start of the server, gives all that are kept.
        """
        with self._lock:
            newest = self._messages[-1].number if self._messages else 0
            known = 0 if number > newest else number
            return tuple(message for message in self._messages if message.number > known)

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every message, from the thread that adds it."""
        with self._lock:
            self._wakers.add(wake)

    def unsubscribe(self, wake: Callable[[], None]) -> None:
        """Stop calling `wake`."""
        with self._lock:
            self._wakers.discard(wake)

    def _is_due(self, camera: str, at: datetime) -> bool:
        with self._lock:
            last = self._counted_at.get(camera)
            due = last is None or abs((at - last).total_seconds()) >= COUNT_EVERY_S
            if due:
                self._counted_at[camera] = at
            return due

    def _add(self, kind: str, camera: str, data: Mapping[str, object]) -> None:
        with self._lock:
            number = next(self._numbers)
            self._messages.append(FeedMessage(number, kind, camera, {"camera": camera, **data}))
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()
