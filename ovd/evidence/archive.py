"""EvidenceStore: small JPEGs of what was counted, written in the background and kept in limits."""

import logging
import queue
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ovd.domain.records import EvidenceImage, EvidenceStatus
from ovd.errors import OutputError
from ovd.evidence.folder import EvidenceFolder
from ovd.threads import Backoff, Caught, SupervisedThread, ThreadHealth, describe_failure

LONGEST_CLOSE_S = 10.0
SWEEP_EVERY = timedelta(hours=1)
# Images are removed down to this share of the limit, so that not every new one removes another.
_KEPT_SHARE = 0.9
_LONGEST_QUEUE = 256
_TOO_SLOW = "the disk is too slow"

_LOG = logging.getLogger(__name__)
# An image, a mark that is set once what came before it is done, or a reason to look up.
_Item = tuple[EvidenceImage, bytes] | threading.Event | None


@dataclass(frozen=True)
class EvidenceLimits:
    """Limits of the stored images.

    Attributes:
        max_age: Images written longer ago are removed.
        max_bytes: The oldest are removed when all together are larger.
        min_free_bytes: Space on the disk that images leave to counts: below it none is written
            and the oldest are removed.
    """

    max_age: timedelta = timedelta(days=30)
    max_bytes: int = 1_000_000_000
    min_free_bytes: int = 500_000_000


class EvidenceStore:
    """Writes images from one thread, finds them, and removes the oldest.

    Implements `ovd.domain.ports.EvidenceArchive`. Nothing that goes wrong on the disk reaches
    the caller: images are dropped, counted and logged. The thread starts with the first image.
    """

    def __init__(
        self,
        folder: Path,
        limits: EvidenceLimits | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Name the folder; it is made when there is something to put into it.

        Args:
            folder: Where the images are.
            limits: How much is kept.
            now: Wall clock, aware UTC.
        """
        self._folder = EvidenceFolder(folder)
        self._limits = limits or EvidenceLimits()
        self._now = now
        self._queue: queue.Queue[_Item] = queue.Queue(_LONGEST_QUEUE)
        self._lock = threading.Lock()
        self._disk = threading.Lock()  # so that the thread and make_room do not meet on the disk
        self._thread = SupervisedThread(
            "evidence", self._work, self._wake, Backoff(first_s=0.1, ceiling_s=10.0)
        )
        self._closed = False
        self._written = self._dropped = 0
        self._problem = ""
        self._bytes = 0  # this and the next only the thread touches
        self._sweep_at = now()

    def put(self, image: EvidenceImage, jpeg: bytes) -> None:
        """Hand over an image; it is dropped when the disk is too slow, and never waited for."""
        if self._closed:
            self._drop("ovd is ending")
            return
        self._thread.start()
        try:
            self._queue.put_nowait((image, jpeg))
        except queue.Full:
            self._drop(_TOO_SLOW)

    def flush(self, timeout_s: float) -> bool:
        """Wait until what was handed over is written; see the port."""
        mark, until_s = threading.Event(), time.monotonic() + timeout_s
        if self._closed:
            return False
        self._thread.start()
        try:
            self._queue.put(mark, timeout=timeout_s)
        except queue.Full:
            return False
        return mark.wait(max(0.0, until_s - time.monotonic()))

    def status(self) -> EvidenceStatus:
        """Return what became of the images so far."""
        with self._lock:
            return EvidenceStatus(self._written, self._dropped, self._problem)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the writing thread."""
        return (self._thread.health,)

    def path_of(self, image: EvidenceImage) -> Path:
        """Return where an image lies or would lie."""
        return self._folder.path_of(image)

    def find(
        self, camera: str, query: str, start_at: datetime, end_at: datetime
    ) -> tuple[EvidenceImage, ...]:
        """Return images of one query at one camera; see `EvidenceFolder.find`."""
        return self._folder.find(camera, query, start_at, end_at)

    def may_have(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> bool:
        """Return whether there are images of one query at one camera on the days of a range."""
        return self._folder.may_have(camera, query, start_at, end_at)

    def of_count(self, run_id: int, frame_index: int, query: str) -> tuple[EvidenceImage, ...]:
        """Return images behind one count: a query in a frame of a run, best object first."""
        return self._folder.of_count(run_id, frame_index, query)

    def series(self) -> tuple[tuple[str, str], ...]:
        """Return camera and query of everything there are images of."""
        return self._folder.series()

    def erase(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> int:
        """Remove the images of one query at one camera in `[start_at, end_at)`.

        Returns:
            How many were removed.

        Raises:
            OutputError: If one cannot be removed.
        """
        try:
            with self._disk:
                found = self._folder.find(camera, query, start_at, end_at)
                for image in found:
                    self._folder.path_of(image).unlink(missing_ok=True)
                self._folder.remove_empty()
        except OSError as error:
            raise OutputError(
                f"images in {self._folder.path} could not be removed: {error.strerror}"
            ) from error
        return len(found)

    def rename_camera(self, camera: str, name: str) -> None:
        """Keep the images of a camera under another name.

        Raises:
            OutputError: If they cannot be moved; those that were stay where they are.
        """
        try:
            with self._disk:
                self._folder.rename_camera(camera, name)
        except OSError as error:
            raise OutputError(
                f"images of camera {camera!r} in {self._folder.path} could not be moved to its new "
                f"name {name!r}: {error.strerror}"
            ) from error

    def make_room(self, size: int) -> int:
        """Remove the oldest images until so many bytes are freed, or none is left.

        Returns:
            How many bytes were freed.
        """
        freed = 0
        try:
            with self._disk:
                for file in self._folder.stored():
                    if freed >= size:
                        break
                    Path(file.path).unlink(missing_ok=True)
                    freed += file.size
                self._folder.remove_empty()
        except OSError as error:
            _LOG.warning("images in %s could not be removed: %s", self._folder.path, error)
        if freed:
            _LOG.warning("the disk is nearly full: removed the oldest images, %d bytes", freed)
        return freed

    def close(self) -> None:
        """Write what was handed over and end the thread. Calling it twice is harmless.

        A disk that hangs is left alone after `LONGEST_CLOSE_S`.
        """
        self._closed = True
        if not self._thread.stop(LONGEST_CLOSE_S):
            self._drop(_TOO_SLOW)

    def _wake(self) -> None:
        with suppress(queue.Full):  # then the thread has something to do, and sees that it ends
            self._queue.put_nowait(None)

    def _work(self, stopping: threading.Event) -> None:
        while not (stopping.is_set() and self._queue.empty()):
            item = self._queue.get()
            if item is None:
                continue
            if isinstance(item, threading.Event):
                item.set()
                continue
            with Caught() as caught, self._disk:
                if self._now() >= self._sweep_at or self._bytes > self._limits.max_bytes:
                    self._sweep()
                self._write(*item)
            error = caught.error
            if isinstance(error, OSError):
                self._drop(error.strerror or str(error))
            elif error is not None:
                self._drop(describe_failure(error))
                raise error

    def _write(self, image: EvidenceImage, jpeg: bytes) -> None:
        self._folder.path.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder.path).free < self._limits.min_free_bytes:
            self._sweep_at = self._now()
            raise OSError(
                f"less than {self._limits.min_free_bytes / 1e6:.0f} MB are left on its disk"
            )
        self._folder.write(image, jpeg)
        self._bytes += len(jpeg)
        with self._lock:
            self._written += 1
            self._problem = ""

    def _drop(self, problem: str) -> None:
        with self._lock:
            self._dropped += 1
            first, self._problem = self._problem != problem, problem
        if first:
            _LOG.warning(
                "images of counted objects are dropped in %s: %s; counting goes on",
                self._folder.path,
                problem,
            )

    def _sweep(self) -> None:
        """Remove what is too old, then the oldest while there is too much."""
        self._sweep_at = self._now() + SWEEP_EVERY
        if not self._folder.path.exists():
            return
        stored = self._folder.stored()
        self._bytes = sum(file.size for file in stored)
        limit = self._limits.max_bytes
        missing = self._limits.min_free_bytes - shutil.disk_usage(self._folder.path).free
        if self._bytes > limit or missing > 0:
            limit = round(_KEPT_SHARE * min(limit, self._bytes - max(missing, 0)))
        too_old = (self._now() - self._limits.max_age).timestamp()
        for file in stored:
            if file.written_at >= too_old and self._bytes <= limit:
                break
            Path(file.path).unlink(missing_ok=True)
            self._bytes -= file.size
        self._folder.remove_empty()
