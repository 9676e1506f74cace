"""CameraTotals: what was counted of each camera since the start, and what it shows now."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ovd.domain.events import FrameResult
from ovd.domain.ports import CameraStatus
from ovd.domain.query import Query
from ovd.domain.records import Run, RunStatus
from ovd.services.events import CameraRemoved, Event, FrameCounted, GapObserved, RunEnded
from ovd.services.streaming.signal import has_signal


@dataclass
class _RunningTotal:
    """A total over several runs, each of which counts from zero."""

    total: int = 0
    run_id: int = 0
    newest: int = 0

    def take(self, run_id: int, value: int) -> int:
        before = self.newest if run_id == self.run_id else 0
        self.total += max(0, value - before)
        self.run_id, self.newest = run_id, max(value, before)
        return self.total


@dataclass
class _Camera:
    frames: _RunningTotal = field(default_factory=_RunningTotal)
    dropped: _RunningTotal = field(default_factory=_RunningTotal)
    reconnects: _RunningTotal = field(default_factory=_RunningTotal)
    gap_s: float = 0.0
    observed: dict[int, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class ObservedCount:
    """The number of objects in a camera's newest frame.

    Attributes:
        query_id: Key of the query in the database.
        query: The query as it is read.
        count: Number of objects.
    """

    query_id: int
    query: str
    count: int


@dataclass(frozen=True)
class CameraNumbers:
    """A camera in numbers; totals are since the start of the process and never fall.

    Attributes:
        camera: Its name.
        up: Whether it delivers frames that are counted.
        frames: Frames counted.
        dropped: Frames passed over for newer ones.
        reconnects: How often it was connected or started again.
        gap_s: Length of its gaps that have ended, in seconds.
        frame_age_s: Seconds since the newest frame; None before the first, and while stopped.
        observed: Counts in the newest frame; empty while it is not observed.
    """

    camera: str
    up: bool
    frames: int
    dropped: int
    reconnects: int
    gap_s: float
    frame_age_s: float | None
    observed: tuple[ObservedCount, ...]


class CameraTotals:
    """Adds up what happens at cameras; subscribe `handle` to an `EventHub`.

    Every method may be called from any thread.
    """

    def __init__(self, query_id: Callable[[Query], int | None]) -> None:
        """Begin at zero.

        Args:
            query_id: Returns the key of a query in the database, None while it has none.
        """
        self._query_id = query_id
        self._lock = threading.Lock()
        self._cameras: dict[str, _Camera] = {}

    def handle(self, event: Event) -> None:
        """Add up one event."""
        match event:
            case FrameCounted(run, number, result):
                self._add_frame(run, number, result)
            case GapObserved(run, gap):
                with self._lock:
                    camera = self._camera(run.camera.name)
                    camera.gap_s += gap.duration_s
                    camera.observed = {}
            case RunEnded(run, _, _):
                with self._lock:
                    self._camera(run.camera.name).observed = {}
            case CameraRemoved(name):
                with self._lock:
                    self._cameras.pop(name, None)

    def read(self, statuses: Iterable[CameraStatus]) -> tuple[CameraNumbers, ...]:
        """Return the numbers of cameras.

        Args:
            statuses: How these cameras stand now.
        """
        with self._lock:
            return tuple(self._read(status) for status in statuses)

    def _read(self, status: CameraStatus) -> CameraNumbers:
        camera = self._camera(status.camera)
        running = status.state is RunStatus.RUNNING
        seen = running and status.frame_age_s is not None and has_signal(status)
        run_id, health = status.run_id, status.health
        observed = camera.observed if seen else {}
        return CameraNumbers(
            camera=status.camera,
            up=seen,
            frames=camera.frames.total,
            dropped=camera.dropped.take(run_id, health.frames_dropped),
            reconnects=camera.reconnects.take(run_id, health.reconnects) + status.restarts,
            gap_s=camera.gap_s,
            frame_age_s=status.frame_age_s if running else None,
            observed=tuple(ObservedCount(key, *counted) for key, counted in observed.items()),
        )

    def _add_frame(self, run: Run, number: int, result: FrameResult) -> None:
        observed = {}
        for entry in result.counts:
            key = self._query_id(entry.query)
            if key is not None:
                observed[key] = (entry.query.read_as, entry.count)
        with self._lock:
            camera = self._camera(run.camera.name)
            camera.frames.take(run.id, number)
            camera.observed = observed

    def _camera(self, name: str) -> _Camera:
        return self._cameras.setdefault(name, _Camera())
