"""EventHub: tells what happens at cameras to whoever subscribed, without waiting for anyone."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.alerts import AlertMessage
from ovd.domain.events import FrameResult, Gap
from ovd.domain.live import SourceState
from ovd.domain.records import Run, RunStatus
from ovd.threads import Backoff, SupervisedThread, ThreadHealth

# A queued frame holds its image, 6 MB of one of full HD.
MAX_FRAMES = 32
MAX_EVENTS = 1024
LONGEST_CLOSE_S = 10.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunStarted:
    """A run began."""

    run: Run


@dataclass(frozen=True, eq=False)
class FrameCounted:
    """A frame was counted, and its counts were handed to the store.

    Attributes:
        run: The run it belongs to.
        number: Its number among the counted frames of the run, from 1.
        result: What was counted.
    """

    run: Run
    number: int
    result: FrameResult


@dataclass(frozen=True)
class GapObserved:
    """A run found that its camera was not observed for a while."""

    run: Run
    gap: Gap


@dataclass(frozen=True)
class RunEnded:
    """A run ended; nothing more comes of it.

    Attributes:
        run: The run, as it was when it began.
        status: How it ended.
        error: Why it failed or was lost, credentials removed; else empty.
    """

    run: Run
    status: RunStatus
    error: str


@dataclass(frozen=True)
class CameraStateChanged:
    """A camera of the fleet stands differently than before.

    Attributes:
        camera: Its name.
        status: How its counting stands.
        source: How its source stands.
        detail: Why, for people, credentials removed; empty when all is well.
        at: When this was noticed, aware UTC.
    """

    camera: str
    status: RunStatus
    source: SourceState
    detail: str
    at: datetime


@dataclass(frozen=True)
class CameraRemoved:
    """A camera left the fleet."""

    camera: str


@dataclass(frozen=True)
class CameraRenamed:
    """A camera has another name; under the old one it leaves the fleet."""

    camera: str
    name: str


@dataclass(frozen=True)
class AlertTold:
    """A message about an alert was logged, and queued for its targets."""

    message: AlertMessage


Event = (
    RunStarted
    | FrameCounted
    | GapObserved
    | RunEnded
    | CameraStateChanged
    | CameraRemoved
    | CameraRenamed
    | AlertTold
)
Handler = Callable[[Event], None]


@dataclass(frozen=True)
class SubscriberHealth:
    """The backlog of a subscriber, and what it dropped.

    Attributes:
        name: Name of the subscriber.
        queued: Events that wait for it.
        dropped: Events that it was too slow for, or failed at, since it subscribed.
    """

    name: str
    queued: int
    dropped: int


class _Subscriber:
    """One subscriber: a bounded queue, and a thread that hands over what is in it."""

    def __init__(self, name: str, handle: Handler, max_frames: int) -> None:
        self.name = name
        self._handle = handle
        self._max_frames = max_frames
        self._changed = threading.Condition()
        self._events: deque[Event] = deque()
        self._frames = 0
        self._handling = False
        self._dropped = 0
        self._dropping = False
        self._thread = SupervisedThread(
            f"events {name}", self._work, self._wake, Backoff(first_s=0.1, ceiling_s=5.0)
        )
        self._thread.start()

    @property
    def thread(self) -> ThreadHealth:
        return self._thread.health

    @property
    def health(self) -> SubscriberHealth:
        with self._changed:
            return SubscriberHealth(self.name, len(self._events), self._dropped)

    def offer(self, event: Event) -> None:
        with self._changed:
            self._frames += isinstance(event, FrameCounted)
            self._events.append(event)
            told = self._drop_surplus()
            self._changed.notify_all()
        if told:
            _LOG.warning("%s is too slow: frames are kept from it; counting goes on", self.name)

    def wait_idle(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._events and not self._handling, timeout_s
            )

    def close(self, timeout_s: float) -> None:
        if not self._thread.stop(timeout_s):
            _LOG.warning("%s did not take its last events in time", self.name)

    def _drop_surplus(self) -> bool:
        """Drop the oldest frame when there are too many; return whether dropping begins."""
        surplus: Event | None = None
        if self._frames > self._max_frames:
            surplus = next(event for event in self._events if isinstance(event, FrameCounted))
        elif len(self._events) > MAX_EVENTS:
            surplus = self._events[0]
        if surplus is None:
            return False
        self._events.remove(surplus)
        self._frames -= isinstance(surplus, FrameCounted)
        self._dropped += 1
        begins, self._dropping = not self._dropping, True
        return begins

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stopping: threading.Event) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._events or stopping.is_set())
                if not self._events:
                    return
                event = self._events.popleft()
                self._frames -= isinstance(event, FrameCounted)
                self._dropping = self._dropping and bool(self._events)
                self._handling = True
            handled = False
            try:
                self._handle(event)
                handled = True
            finally:
                with self._changed:
                    self._handling = False
                    self._dropped += not handled
                    self._changed.notify_all()


class EventHub:
    """Passes events on to subscribers, each with a bounded queue and a thread of its own.

    `publish` returns at once whatever subscribers do. One that is too slow misses the oldest
    frames; what is rarer than frames, such as the end of a run, is kept for it. One that fails at
    an event misses that event. Both are counted, and logged when they begin.

    ```python
    hub = EventHub()
    hub.subscribe("alerts", lambda event: print(event))
    ```
    """

    def __init__(self) -> None:
        """Begin without subscribers."""
        self._lock = threading.Lock()
        self._subscribers: tuple[_Subscriber, ...] = ()

    def subscribe(self, name: str, handle: Handler, max_frames: int = MAX_FRAMES) -> None:
        """Hand every event from now on to `handle`, in order, until the hub is closed.

        Args:
            name: Name of the subscriber, for health and logs.
            handle: Called in the subscriber's own thread.
            max_frames: Counted frames that may wait for it.
        """
        subscriber = _Subscriber(name, handle, max_frames)
        with self._lock:
            self._subscribers += (subscriber,)

    def publish(self, event: Event) -> None:
        """Queue an event for every subscriber; from any thread, never blocks."""
        for subscriber in self._subscribers:
            subscriber.offer(event)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until all that was published was handled.

        Returns:
            Whether it was, in this time.
        """
        return all(subscriber.wait_idle(timeout_s) for subscriber in self._subscribers)

    @property
    def subscribers(self) -> tuple[SubscriberHealth, ...]:
        """Return the health of every subscriber."""
        return tuple(subscriber.health for subscriber in self._subscribers)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the subscribers' threads."""
        return tuple(subscriber.thread for subscriber in self._subscribers)

    def close(self) -> None:
        """Let subscribers handle what is queued, and end. Calling it twice is harmless."""
        with self._lock:
            subscribers, self._subscribers = self._subscribers, ()
        for subscriber in subscribers:
            subscriber.close(LONGEST_CLOSE_S)
