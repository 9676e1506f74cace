"""LiveView: the newest counted frame and the recent counts of every camera."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ovd.domain.events import QueryCount
from ovd.domain.ports import HistoryPoint, LiveFrame
from ovd.services.events import (
    CameraRemoved,
    Event,
    FrameCounted,
    GapObserved,
    RunEnded,
    RunStarted,
)

HISTORY_LENGTH = 3600
# Gives what was counted of these queries at a camera before a moment.
Recall = Callable[[str, Sequence[str], datetime], Sequence[HistoryPoint]]


def recall_nothing(camera: str, queries: Sequence[str], until: datetime) -> Sequence[HistoryPoint]:
    """Return no points: the history begins now."""
    return ()


@dataclass
class _View:
    """The live view of one camera."""

    running: bool = True
    recalled: bool = False
    latest: LiveFrame | None = None
    history: deque[HistoryPoint] = field(default_factory=lambda: deque(maxlen=HISTORY_LENGTH))

    def add(self, at: datetime, counts: Sequence[QueryCount]) -> None:
        """Add what was counted at a moment; nothing for a gap."""
        unjudged = ((count.query.text, count.pending + count.unknown) for count in counts)
        self.history.append(
            HistoryPoint(
                at,
                tuple((count.query.text, count.count) for count in counts),
                tuple((text, number) for text, number in unjudged if number),
            )
        )


class LiveView:
    """Remembers what events tell of each camera, until the camera is removed.

    Subscribe `handle` to an `EventHub`. Every method may be called from any thread.
    """

    def __init__(self, recall: Recall = recall_nothing) -> None:
        """Begin without cameras.

        Args:
            recall: Asked once for each camera, at its first frame.
        """
        self._recall = recall
        self._changed = threading.Condition()
        self._views: dict[str, _View] = {}

    def handle(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, FrameCounted):
            self._begin_history(event)
        with self._changed:
            match event:
                case CameraRemoved(camera):
                    self._views.pop(camera, None)
                case RunStarted(run):
                    view = self._view(run.camera.name)
                    view.running, view.latest = True, None
                case FrameCounted(run, number, result):
                    view = self._view(run.camera.name)
                    view.latest = LiveFrame(number, result)
                    view.add(result.frame.captured_at, result.counts)
                case GapObserved(run, gap):
                    self._view(run.camera.name).add(gap.started_at, ())
                case RunEnded(run):
                    self._view(run.camera.name).running = False
            self._changed.notify_all()

    def _begin_history(self, event: FrameCounted) -> None:
        """Fill the history of a camera that has none, before its first frame is added."""
        camera = event.run.camera.name
        with self._changed:
            view = self._view(camera)
            if view.recalled:
                return
            view.recalled = True
        texts = [entry.query.text for entry in event.result.counts]
        points = self._recall(camera, texts, event.result.frame.captured_at)
        with self._changed:
            view.history.extendleft(reversed(points))

    def latest(self, camera: str) -> LiveFrame | None:
        """Return the newest counted frame, None before the first."""
        with self._changed:
            return self._latest(camera)

    def wait_newer(self, camera: str, than: int, timeout_s: float) -> LiveFrame | None:
        """Wait for a frame with another sequence number than `than`.

        Returns:
            The frame, or None when the time is up or the run ended without one.
        """

        def newer() -> LiveFrame | None:
            latest = self._latest(camera)
            return latest if latest is not None and latest.sequence != than else None

        def ready() -> bool:
            view = self._views.get(camera)
            return newer() is not None or (view is not None and not view.running)

        with self._changed:
            self._changed.wait_for(ready, timeout_s)
            return newer()

    def history(self, camera: str) -> tuple[HistoryPoint, ...]:
        """Return recent counts, oldest first."""
        with self._changed:
            view = self._views.get(camera)
            return () if view is None else tuple(view.history)

    def _latest(self, camera: str) -> LiveFrame | None:
        view = self._views.get(camera)
        return None if view is None else view.latest

    def _view(self, camera: str) -> _View:
        return self._views.setdefault(camera, _View())
