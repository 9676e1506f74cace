"""EvidenceStore: small JPEGs of what was counted, in folders that are their own index."""

import hashlib
import json
import logging
import os
import queue
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ovd.domain.frame import require_aware
from ovd.domain.records import EvidencePicture, EvidenceStatus
from ovd.threads import Backoff, Caught, SupervisedThread, ThreadHealth, describe_failure

LONGEST_CLOSE_S = 10.0
SWEEP_EVERY = timedelta(hours=1)
# Pictures are removed down to this share of the limit, so that not every new one removes another.
_KEPT_SHARE = 0.9
_LONGEST_QUEUE = 256
_TOO_SLOW = "the disk is too slow"
_SERIES_FILE = "series.json"
_DAY = "%Y-%m-%d"
_TIME = "%H%M%S%f"
_NAME = re.compile(r"(\d{12})_r(\d+)_f(\d+)_n(\d+)_s(\d{3})\.jpg")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class EvidenceLimits:
    """Limits of the stored images.

    Attributes:
        max_age: Pictures written longer ago are removed.
        max_bytes: The oldest are removed when all together are larger.
        min_free_bytes: Space on the disk that pictures leave to counts: below it none is written
            and the oldest are removed.
    """

    max_age: timedelta = timedelta(days=30)
    max_bytes: int = 1_000_000_000
    min_free_bytes: int = 500_000_000


@dataclass(frozen=True)
class _Stored:
    written_at: float
    size: int
    path: str


class EvidenceStore:
    """Writes pictures from one thread, finds them, and removes the oldest.

    A picture lies at `DAY/SERIES/TIME_rRUN_fFRAME_nNUMBER_sSCORE.jpg`: day and time of the frame
    in UTC, SERIES a checksum of camera and query whose names are in `series.json` beside it. It
    is written beside its place and renamed, so what is found is whole. Nothing that goes wrong
    on the disk reaches the caller: pictures are dropped, counted and logged.

    The thread starts with the first picture.
    """

    def __init__(
        self,
        folder: Path,
        limits: EvidenceLimits | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Name the folder; it is made when there is something to put into it.

        Args:
            folder: Where the pictures are.
            limits: How much is kept.
            now: Wall clock, aware UTC.
        """
        self._folder = folder
        self._limits = limits or EvidenceLimits()
        self._now = now
        self._queue: queue.Queue[tuple[EvidencePicture, bytes] | None] = queue.Queue(_LONGEST_QUEUE)
        self._lock = threading.Lock()
        self._disk = threading.Lock()  # held while files are written or removed
        self._thread = SupervisedThread(
            "evidence", self._work, self._wake, Backoff(first_s=0.1, ceiling_s=10.0)
        )
        self._closed = False
        self._written = self._dropped = 0
        self._problem = ""
        self._bytes = 0  # this and the next only the thread touches
        self._sweep_at = now()

    def path_of(self, picture: EvidencePicture) -> Path:
        """Where a picture lies or would lie."""
        moment = picture.captured_at.astimezone(UTC)
        series = self._series(moment, picture.camera, picture.query)
        return series / (
            f"{moment.strftime(_TIME)}_r{picture.run_id}_f{picture.frame_index}"
            f"_n{picture.number}_s{round(100 * picture.score):03d}.jpg"
        )

    def put(self, picture: EvidencePicture, jpeg: bytes) -> None:
        """Hand over a picture; it is dropped when the disk is too slow, and never waited for."""
        if self._closed:
            self._drop("ovd is ending")
            return
        self._thread.start()
        try:
            self._queue.put_nowait((picture, jpeg))
        except queue.Full:
            self._drop(_TOO_SLOW)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the writing thread."""
        return (self._thread.health,)

    def status(self) -> EvidenceStatus:
        """Return the number of images written, dropped and removed so far."""
        with self._lock:
            return EvidenceStatus(self._written, self._dropped, self._problem)

    def find(
        self, camera: str, query: str, start_at: datetime, end_at: datetime
    ) -> tuple[EvidencePicture, ...]:
        """Pictures of one query at one camera, oldest first.

        Args:
            camera: Name of the camera.
            query: Text of the query as typed.
            start_at: First moment, inclusive, aware.
            end_at: Last moment, exclusive, aware.
        """
        require_aware(start_at, "start_at")
        require_aware(end_at, "end_at")
        found = [
            picture
            for day in self._days(start_at, end_at)
            for picture in _read_series(self._series(day, camera, query), camera, query)
            if start_at <= picture.captured_at < end_at
        ]
        return tuple(sorted(found, key=lambda picture: (picture.captured_at, picture.number)))

    def may_have(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> bool:
        """Return whether one query at one camera has images on the days of an interval."""
        return any(
            self._series(day, camera, query).exists() for day in self._days(start_at, end_at)
        )

    def of_count(self, run_id: int, frame_index: int, query: str) -> tuple[EvidencePicture, ...]:
        """Pictures behind one count: a query in a frame of a run, best object first."""
        marks = f"_r{run_id}_f{frame_index}_"
        found = [
            picture
            for camera, text in self.series()
            if text == query
            for day in self._days()
            for picture in _read_series(self._series(day, camera, query), camera, query, marks)
        ]
        return tuple(sorted(found, key=lambda picture: picture.number))

    def series(self) -> tuple[tuple[str, str], ...]:
        """Camera and query of everything there are pictures of."""
        found = set()
        for file in self._folder.glob(f"*/*/{_SERIES_FILE}"):
            try:
                names = json.loads(file.read_text(encoding="utf-8"))
                found.add((str(names["camera"]), str(names["query"])))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # removed meanwhile, or not ours
        return tuple(sorted(found))

    def make_room(self, size: int) -> int:
        """Remove the oldest pictures until so many bytes are freed, or none is left.

        Returns:
            How many bytes were freed.
        """
        freed = 0
        try:
            with self._disk:
                for file in sorted(self._stored(), key=lambda file: file.written_at):
                    if freed >= size:
                        break
                    Path(file.path).unlink(missing_ok=True)
                    freed += file.size
                self._remove_empty()
        except OSError as error:
            _LOG.warning("pictures in %s could not be removed: %s", self._folder, error)
        if freed:
            _LOG.warning("the disk is nearly full: removed the oldest pictures, %d bytes", freed)
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

    def _series(self, day: datetime, camera: str, query: str) -> Path:
        key = hashlib.sha256(f"{camera}\0{query}".encode()).hexdigest()[:16]
        return self._folder / day.strftime(_DAY) / key

    def _days(
        self, start_at: datetime | None = None, end_at: datetime | None = None
    ) -> list[datetime]:
        """Days that have pictures, those of a range where one is given."""
        days = []
        for name in sorted(_names(self._folder)):
            try:
                day = datetime.strptime(name, _DAY).replace(tzinfo=UTC)
            except ValueError:
                continue
            after = start_at is not None and day + timedelta(days=1) <= start_at
            if not after and (end_at is None or day < end_at):
                days.append(day)
        return days

    def _work(self, stopping: threading.Event) -> None:
        while not (stopping.is_set() and self._queue.empty()):
            item = self._queue.get()
            if item is None:
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

    def _write(self, picture: EvidencePicture, jpeg: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < self._limits.min_free_bytes:
            self._sweep_at = self._now()
            raise OSError(
                f"less than {self._limits.min_free_bytes / 1e6:.0f} MB are left on its disk"
            )
        path = self.path_of(picture)
        if not (path.parent / _SERIES_FILE).exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            names = {"camera": picture.camera, "query": picture.query}
            content = json.dumps(names, ensure_ascii=False).encode()
            _write_whole(path.parent / _SERIES_FILE, content)
        _write_whole(path, jpeg)
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
                "pictures of counted objects are dropped in %s: %s; counting goes on",
                self._folder,
                problem,
            )

    def _sweep(self) -> None:
        """Remove what is too old, then the oldest while there is too much."""
        self._sweep_at = self._now() + SWEEP_EVERY
        if not self._folder.exists():
            return
        stored = sorted(self._stored(), key=lambda file: file.written_at)
        self._bytes = sum(file.size for file in stored)
        limit = self._limits.max_bytes
        missing = self._limits.min_free_bytes - shutil.disk_usage(self._folder).free
        if self._bytes > limit or missing > 0:
            limit = round(_KEPT_SHARE * min(limit, self._bytes - max(missing, 0)))
        too_old = (self._now() - self._limits.max_age).timestamp()
        for file in stored:
            if file.written_at >= too_old and self._bytes <= limit:
                break
            Path(file.path).unlink(missing_ok=True)
            self._bytes -= file.size
        self._remove_empty()

    def _stored(self) -> Iterator[_Stored]:
        for day in self._days():
            folder = self._folder / day.strftime(_DAY)
            for series in _names(folder):
                with os.scandir(folder / series) as entries:
                    for entry in entries:
                        if entry.name != _SERIES_FILE:
                            state = entry.stat(follow_symlinks=False)
                            yield _Stored(state.st_mtime, state.st_size, entry.path)

    def _remove_empty(self) -> None:
        for day in self._days():
            folder = self._folder / day.strftime(_DAY)
            for series in _names(folder):
                if _names(folder / series) == [_SERIES_FILE]:
                    shutil.rmtree(folder / series)
            if not _names(folder):
                folder.rmdir()


def _names(folder: Path) -> list[str]:
    """Return the names in a folder; empty if it does not exist."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _read_series(
    folder: Path, camera: str, query: str, marks: str = "_"
) -> Iterator[EvidencePicture]:
    day = folder.parent.name
    for name in _names(folder):
        match = _NAME.fullmatch(name)
        if match is None or marks not in name:
            continue
        moment = datetime.strptime(f"{day} {match[1]}", f"{_DAY} {_TIME}").replace(tzinfo=UTC)
        yield EvidencePicture(
            camera,
            query,
            captured_at=moment,
            run_id=int(match[2]),
            frame_index=int(match[3]),
            number=int(match[4]),
            score=int(match[5]) / 100,
        )


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
