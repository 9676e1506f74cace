"""PreviewService: what queries would count in images, with the scores of all that is found."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ovd.domain.detections import Detections
from ovd.domain.frame import Frame, Image
from ovd.domain.names import name_key
from ovd.domain.ports import (
    CameraFleet,
    Detector,
    EvidenceArchive,
    QueryReader,
    SourceOpener,
    SourceOptions,
)
from ovd.domain.query import Query
from ovd.errors import InputError, NotFoundError
from ovd.services.detect import DetectService
from ovd.video.images import load_image

# Below this score hardly anything is what was asked for.
LOWEST_SCORE = 0.05
MOST_FRAMES = 20
MOST_QUERIES = 20
_FASTEST_FPS = 5.0


@dataclass(frozen=True)
class QueryDetector:
    """A detector with the reader of queries for it."""

    detector: Detector
    reader: QueryReader


@dataclass(frozen=True, eq=False)
class PreviewImage:
    """An image that queries are tried on.

    Attributes:
        name: Where it comes from: a file name or a time.
        image: `(H, W, 3)` uint8 RGB.
    """

    name: str
    image: Image


@dataclass(frozen=True, eq=False)
class Preview:
    """The result of queries on images.

    Attributes:
        queries: As read, with the thresholds at which they would count.
        found: All detections of at least `LOWEST_SCORE` for each image; labels are query texts.
    """

    queries: tuple[Query, ...]
    found: tuple[Detections, ...]


class PreviewService:
    """Tries queries on images; nothing is kept. Every method may be called from any thread."""

    def __init__(
        self,
        own: QueryDetector,
        open_other: Callable[[str], QueryDetector],
        fleet: CameraFleet,
        evidence: EvidenceArchive,
        open_source: SourceOpener,
    ) -> None:
        """Prepare to try queries.

        Args:
            own: The detector that counts.
            open_other: Loads another detector by its name; raises `OvdError`.
            fleet: Has the newest frames of cameras.
            evidence: Has images of what was counted.
            open_source: Opens clips.
        """
        self._own = own
        self._open_other = open_other
        self._fleet = fleet
        self._evidence = evidence
        self._open_source = open_source
        self._lock = threading.Lock()
        self._other: tuple[str, QueryDetector] | None = None

    def try_queries(
        self, images: Sequence[PreviewImage], texts: Sequence[str], detector: str = ""
    ) -> Preview:
        """Return what queries find in images.

        Args:
            images: At least one.
            texts: Queries as typed; each may be several.
            detector: Name of the detector; empty takes the one that counts.

        Raises:
            InputError: If there is no query, or too many.
            QueryError: If one cannot be read.
            OvdError: If the detector cannot be used.
        """
        if detector in ("", self._own.detector.info.name):
            return _try(self._own, images, texts)
        with self._lock:  # one other detector at a time is in memory, and works for one person
            if self._other is None or self._other[0] != detector:
                self._other = None
                self._other = detector, self._open_other(detector)
            return _try(self._other[1], images, texts)

    def newest_frame(self, camera: str) -> PreviewImage:
        """Return the newest counted frame of a camera.

        Raises:
            CameraError: If there is no such camera.
            NotFoundError: If it has counted no frame yet.
        """
        latest = self._fleet.latest(camera)
        if latest is None:
            raise NotFoundError(f"no frame of camera {camera!r} was counted yet; start it first")
        frame = latest.result.frame
        return PreviewImage(frame.captured_at.isoformat(), frame.image)

    def evidence_images(self, camera: str) -> tuple[PreviewImage, ...]:
        """Return the newest images that are kept of what a camera counted, oldest first.

        Raises:
            NotFoundError: If none are kept.
        """
        ends = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        kept = [
            image
            for name, query in self._evidence.series()
            if name == camera
            for image in self._evidence.find(name, query, *ends)
        ]
        shown: list[PreviewImage] = []
        for record in sorted(kept, key=lambda image: image.captured_at, reverse=True):
            path = self._evidence.path_of(record)
            if len(shown) == MOST_FRAMES:
                break
            if path.is_file():
                shown.append(PreviewImage(record.captured_at.isoformat(), load_image(path)))
        if not shown:
            raise NotFoundError(
                f"no images of what camera {camera!r} counted are kept; choose its newest frame, "
                "or keep images (docs/evidence.md)"
            )
        return tuple(reversed(shown))

    def clip_frames(self, path: Path, length_s: float | None) -> tuple[PreviewImage, ...]:
        """Return frames of a clip, spread over its length, at most `MOST_FRAMES`.

        Args:
            path: The file, which was checked.
            length_s: Its length in seconds; None where it is not known.

        Raises:
            SourceError: If it cannot be read.
        """
        fps = _FASTEST_FPS if not length_s else min(_FASTEST_FPS, MOST_FRAMES / length_s)
        frames: list[PreviewImage] = []
        options = SourceOptions(sample_fps=fps)
        with closing(self._open_source(str(path), "clip", options)) as source:
            for item in source:
                if isinstance(item, Frame):
                    frames.append(PreviewImage(f"{item.time_s:.1f} s", item.image))
                if len(frames) == MOST_FRAMES:
                    break
        return tuple(frames)


def _try(pair: QueryDetector, images: Sequence[PreviewImage], texts: Sequence[str]) -> Preview:
    queries: dict[str, Query] = {}
    for text in texts:
        for query in pair.reader.read_many(text):
            queries.setdefault(name_key(query.text), query)
    if not 1 <= len(queries) <= MOST_QUERIES:
        raise InputError(f"1 to {MOST_QUERIES} queries are tried at once, got {len(queries)}")
    read = tuple(queries.values())
    wide = [query.with_min_score(LOWEST_SCORE) for query in read]
    found = DetectService(pair.detector).detect((item.image for item in images), wide)
    return Preview(read, tuple(found))
