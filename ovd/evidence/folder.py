"""EvidenceFolder: where images of counted objects lie on the disk, and how they are found."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ovd.domain.frame import require_aware
from ovd.domain.records import EvidenceImage

SERIES_FILE = "series.json"
_DAY = "%Y-%m-%d"
_TIME = "%H%M%S%f"
_NAME = re.compile(r"(\d{12})_r(\d+)_f(\d+)_n(\d+)_s(\d{3})\.jpg")


@dataclass(frozen=True)
class StoredFile:
    """An image file: when it was written (seconds since 1970), its size in bytes, its path."""

    written_at: float
    size: int
    path: str


class EvidenceFolder:
    """A folder that is its own index.

    An image lies at `DAY/SERIES/TIME_rRUN_fFRAME_nNUMBER_sSCORE.jpg`: day and time of the frame
    in UTC, SERIES a checksum of camera and query whose names are in `series.json` beside it. It
    is written beside its place and renamed, so what is found is whole.
    """

    def __init__(self, path: Path) -> None:
        """Name the folder; it is made when there is something to put into it."""
        self.path = path

    def path_of(self, image: EvidenceImage) -> Path:
        """Return where an image lies or would lie."""
        moment = image.captured_at.astimezone(UTC)
        series = self._series(moment, image.camera, image.query)
        return series / (
            f"{moment.strftime(_TIME)}_r{image.run_id}_f{image.frame_index}"
            f"_n{image.number}_s{round(100 * image.score):03d}.jpg"
        )

    def write(self, image: EvidenceImage, jpeg: bytes) -> None:
        """Write an image whole.

        Raises:
            OSError: If the disk refuses it.
        """
        path = self.path_of(image)
        if not (path.parent / SERIES_FILE).exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            content = _describe_series(image.camera, image.query)
            _write_whole(path.parent / SERIES_FILE, content)
        _write_whole(path, jpeg)

    def find(
        self, camera: str, query: str, start_at: datetime, end_at: datetime
    ) -> tuple[EvidenceImage, ...]:
        """Return images of one query at one camera, oldest first.

        Args:
            camera: Name of the camera.
            query: Text of the query as typed.
            start_at: First moment, inclusive, aware.
            end_at: Last moment, exclusive, aware.
        """
        require_aware(start_at, "start_at")
        require_aware(end_at, "end_at")
        found = [
            image
            for day in self._days(start_at, end_at)
            for image in _read_series(self._series(day, camera, query), camera, query)
            if start_at <= image.captured_at < end_at
        ]
        return tuple(sorted(found, key=lambda image: (image.captured_at, image.number)))

    def may_have(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> bool:
        """Return whether there are images of one query at one camera on the days of a range."""
        return any(
            self._series(day, camera, query).exists() for day in self._days(start_at, end_at)
        )

    def of_count(self, run_id: int, frame_index: int, query: str) -> tuple[EvidenceImage, ...]:
        """Return images behind one count: a query in a frame of a run, best object first."""
        marks = f"_r{run_id}_f{frame_index}_"
        found = [
            image
            for camera, text in self.series()
            if text == query
            for day in self._days()
            for image in _read_series(self._series(day, camera, query), camera, query, marks)
        ]
        return tuple(sorted(found, key=lambda image: image.number))

    def series(self) -> tuple[tuple[str, str], ...]:
        """Return camera and query of everything there are images of."""
        found = set()
        for file in self.path.glob(f"*/*/{SERIES_FILE}"):
            try:
                names = json.loads(file.read_text(encoding="utf-8"))
                found.add((str(names["camera"]), str(names["query"])))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # removed meanwhile, or not ours
        return tuple(sorted(found))

    def rename_camera(self, camera: str, name: str) -> None:
        """Move the images of a camera to another name of it.

        Raises:
            OSError: If one cannot be moved.
        """
        queries = [query for known, query in self.series() if known == camera]
        for day in self._days():
            for query in queries:
                source = self._series(day, camera, query)
                target = self._series(day, name, query)
                if not source.exists():
                    continue
                target.mkdir(parents=True, exist_ok=True)
                _write_whole(target / SERIES_FILE, _describe_series(name, query))
                for file in _names(source):
                    if file != SERIES_FILE:
                        (source / file).rename(target / file)
        self.remove_empty()

    def stored(self) -> list[StoredFile]:
        """Return the files of all images, the one written longest ago first.

        Raises:
            OSError: If the folder cannot be read.
        """
        return sorted(self._stored(), key=lambda file: file.written_at)

    def remove_empty(self) -> None:
        """Remove folders that hold no image any more.

        Raises:
            OSError: If one cannot be removed.
        """
        for day in self._day_folders():
            for series in _names(day):
                if _names(day / series) == [SERIES_FILE]:
                    (day / series / SERIES_FILE).unlink(missing_ok=True)
                    (day / series).rmdir()
            if not _names(day):
                day.rmdir()

    def _stored(self) -> Iterator[StoredFile]:
        for day in self._day_folders():
            for series in _names(day):
                with os.scandir(day / series) as entries:
                    for entry in entries:
                        if entry.name != SERIES_FILE:
                            state = entry.stat(follow_symlinks=False)
                            yield StoredFile(state.st_mtime, state.st_size, entry.path)

    def _series(self, day: datetime, camera: str, query: str) -> Path:
        key = hashlib.sha256(f"{camera}\0{query}".encode()).hexdigest()[:16]
        return self.path / day.strftime(_DAY) / key

    def _day_folders(self) -> list[Path]:
        return [self.path / day.strftime(_DAY) for day in self._days()]

    def _days(
        self, start_at: datetime | None = None, end_at: datetime | None = None
    ) -> list[datetime]:
        """Return the days that have images, those of a range where one is given."""
        days = []
        for name in sorted(_names(self.path)):
            try:
                day = datetime.strptime(name, _DAY).replace(tzinfo=UTC)
            except ValueError:
                continue
            after = start_at is not None and day + timedelta(days=1) <= start_at
            if not after and (end_at is None or day < end_at):
                days.append(day)
        return days


def _describe_series(camera: str, query: str) -> bytes:
    return json.dumps({"camera": camera, "query": query}, ensure_ascii=False).encode()


def _names(folder: Path) -> list[str]:
    """Return what is in a folder; nothing if it is none or was removed meanwhile."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _read_series(
    folder: Path, camera: str, query: str, marks: str = "_"
) -> Iterator[EvidenceImage]:
    day = folder.parent.name
    for name in _names(folder):
        match = _NAME.fullmatch(name)
        if match is None or marks not in name:
            continue
        moment = datetime.strptime(f"{day} {match[1]}", f"{_DAY} {_TIME}").replace(tzinfo=UTC)
        yield EvidenceImage(
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
