"""Port of the fleet: cameras that are counted in the background."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ovd.domain.events import FrameResult
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports.judging import JudgeStatus
from ovd.domain.ports.sources import SourceOptions
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.domain.zones import Zone
from ovd.threads import ThreadHealth

GOOD_HEALTH = SourceHealth(SourceState.GOOD)


@dataclass(frozen=True)
class CameraStatus:
    """The status of a camera of the fleet.

    Attributes:
        camera: Its name.
        uri: Where it is read from, credentials removed.
        state: How its run stands.
        error: Why it failed or was lost, else empty.
        queries: What is being counted.
        run_id: Key of its run in the store, 0 while it has none.
        frames_counted: Frames counted in this run.
        frame_count: Frames in its file, None for a live source.
        counted_fps: Frames counted per second of wall time, lately.
        media_time_s: Media time of the newest frame.
        frame_age_s: Seconds since the newest frame was counted, None before the first.
        wanted_fps: Frames per second that are to be counted; None for a file read at will.
        delay_s: Seconds from the newest frame's arrival until it was counted; None for a file.
        health: How a live source stands.
        restarts: How often counting was started again after it had failed.
        judge: How the judge of tracks gets on; None where there is none.
    """

    camera: str
    uri: str
    state: RunStatus
    error: str
    queries: tuple[Query, ...]
    run_id: int
    frames_counted: int
    frame_count: int | None
    counted_fps: float
    media_time_s: float
    frame_age_s: float | None
    wanted_fps: float | None = None
    delay_s: float | None = None
    health: SourceHealth = GOOD_HEALTH
    restarts: int = 0
    judge: JudgeStatus | None = None


@dataclass(frozen=True)
class Capacity:
    """Frame rates that this machine can process, and that its cameras request.

    Attributes:
        frames_per_s: Frames that the detector gets through in a second; None while unknown.
        wanted_fps: Frames per second that the running cameras ask for.
        cameras: Live cameras that are being counted.
        slowed: Names of those that get fewer frames counted than they ask for.
    """

    frames_per_s: float | None
    wanted_fps: float
    cameras: int
    slowed: tuple[str, ...]

    def cameras_at(self, fps: float) -> int | None:
        """Return how many cameras could be counted at this rate; None while unknown."""
        return None if self.frames_per_s is None else int(self.frames_per_s / fps)


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """The newest counted frame and its number within the run, from 1."""

    sequence: int
    result: FrameResult


@dataclass(frozen=True)
class HistoryPoint:
    """Counts per query text at one moment; an empty `counts` marks a gap.

    Attributes:
        at: When the frame was taken, aware UTC.
        counts: Query text and count.
        unjudged: Query text and number of objects that were not judged, where there are any: they
            may match or not.
    """

    at: datetime
    counts: tuple[tuple[str, int], ...]
    unjudged: tuple[tuple[str, int], ...] = ()


class LiveFrames(Protocol):
    """Newest counted frames and recent counts of cameras. Every method is quick.

    Raises:
        CameraError: From every method, if no camera of the fleet has that name.
    """

    def latest(self, camera: str) -> LiveFrame | None:
        """Return the newest counted frame, None before the first."""
        ...

    def wait_newer(self, camera: str, than: int, timeout_s: float) -> LiveFrame | None:
        """Wait for a frame with another sequence number than `than`.

        Returns:
            The frame, or None when the time is up or the run ended without one.
        """
        ...

    def history(self, camera: str) -> tuple[HistoryPoint, ...]:
        """Return recent counts, oldest first."""
        ...


class CameraFleet(LiveFrames, Protocol):
    """Cameras that are counted in the background, by name. Safe to call from any thread.

    A camera stays known after its run ended, with its last frame and history, until it is
    removed. `status`, `statuses` and `capacity` do no I/O and never wait for any.
    """

    def start(
        self, camera: str, uri: str, queries: Sequence[Query], options: SourceOptions
    ) -> CameraStatus:
        """Open the source and start counting it; a camera that is only away is waited for.

        A live source becomes an enabled camera of the database, or changes that of its name. The
        address of one that is known may be given without its credentials.

        Raises:
            CameraError: If a camera of that name is being counted, or the name cannot be used.
            SourceOpenError: If the source cannot be read and is not just away.
            StoreError: If the database cannot be used.
        """
        ...

    def stop(self, camera: str) -> CameraStatus:
        """Stop counting and write what was counted; a camera that has ended stays as it is.

        Raises:
            CameraError: If no camera has that name.
            StoreError: If the database cannot be used; the camera was stopped all the same.
        """
        ...

    def restart(self, camera: str) -> CameraStatus:
        """Stop the camera if it runs, and count it again as it was; raises like `start`."""
        ...

    def remove(self, camera: str) -> None:
        """Stop the camera and forget it; its counts stay in the store.

        Raises:
            CameraError: If no camera has that name.
        """
        ...

    def rename(self, camera: str, name: str) -> None:
        """Give a camera another name, under which its history and its counting continue.

        Raises:
            CameraError: If there is no camera of that name, the new name is not free, or a
                recording is being counted under the old one.
            StoreError: If the database cannot be used; nothing was changed then.
        """
        ...

    def set_queries(self, camera: str, queries: Sequence[Query]) -> None:
        """Count these queries from the next frame on.

        Raises:
            CameraError: If no camera has that name.
            StoreError: If the database cannot be used; the queries are as before then.
        """
        ...

    def replace_zones(self, camera: str, zones: Sequence[Zone]) -> None:
        """Count at these zones, which the database has, from the next frame on.

        Raises:
            CameraError: If no camera has that name.
        """
        ...

    def status(self, camera: str) -> CameraStatus:
        """Return how one camera stands.

        Raises:
            CameraError: If no camera has that name.
        """
        ...

    def statuses(self) -> tuple[CameraStatus, ...]:
        """Return how all cameras stand, by name."""
        ...

    def capacity(self) -> Capacity:
        """Return what this machine gets through, and what is asked of it."""
        ...

    def follow_database(self) -> None:
        """Count the enabled cameras of the database, and follow its changes; returns at once."""
        ...

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its own threads, without those that count."""
        ...

    def close(self) -> None:
        """Stop every camera; those that are enabled are counted again after the next start."""
        ...
