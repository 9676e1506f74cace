"""The functions of `import ovd`: the whole job in a few lines of Python.

Each stands for what the command line does, by the same settings: `OVD_*` variables and `ovd.toml`.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from ovd.bootstrap import (
    build_counter,
    build_detector,
    build_opener,
    build_reader_for,
    default_camera_name,
    open_store,
    read_taught_from,
)
from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, Gap
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo, QueryReader, SourceOptions
from ovd.domain.query import Query
from ovd.errors import InputError, QueryError, UnknownRuntimeError
from ovd.model.runtimes.options import Device, Runtime
from ovd.settings import Settings, load_settings
from ovd.video.images import load_image as load_rgb

# A reader takes a moment to build; a program seldom reads for more detectors at a time.
_READERS_KEPT = 4


def open_detector(
    name: str | None = None,
    *,
    weights_dir: str | Path | None = None,
    runtime: str | None = None,
    device: str | None = None,
    taught: str | Path | None = None,
) -> Detector:
    """Load a detector; what its runtime needs is imported here, not before.

    Args:
        name: One of `ovd detectors`; None takes the settings' default.
        weights_dir: Folder of the manifest and the weights; None takes the settings'.
        runtime: What computes the network: `auto`, `eager` (PyTorch), `onnx` or `openvino`; None
            takes the settings'.
        device: Where it is computed: `auto`, `cpu` or `cuda`; None takes the settings'.
        taught: Names taught by example that it shall find, too: a database URL, or a file that
            `ovd teach export` wrote; None takes those of the settings' database.

    Raises:
        TaughtNameError: If there is no such file, or it holds something else.
        StoreError: If the database cannot be read.
        UnknownDetectorError: If there is no detector of that name.
        UnknownRuntimeError: If there is no runtime of that name, or it does not run on the device.
        RuntimeUnavailableError: If no runtime works here.
        WeightsError: If the weights are missing or damaged.
    """
    settings = _settings_with(name, weights_dir).model_copy(
        update=_known("runtime", Runtime, runtime) | _known("device", Device, device)
    )
    if taught is None:
        return build_detector(settings)
    kept = read_taught_from(taught)
    return build_detector(settings, lambda: kept)


def read_query(query_text: str, detector: Detector, *, min_score: float | None = None) -> Query:
    """Read what to look for, as a user would type it.

    Args:
        query_text: Such as "red car" or "vehicle except bus"; typos and Korean are understood.
        detector: What will be asked: it decides which names are supported.
        min_score: Lowest score in [0, 1] that counts; None takes the detector's default.

    Returns:
        The query. One that the detector cannot find has `supported` False and a note that says
        why; `detector.encode` refuses it.

    Raises:
        QueryError: If the text cannot be read or the threshold is outside [0, 1].
    """
    return _reader_for(detector.info, load_settings().weights_dir).read(query_text, min_score)


def load_image(path: str | Path) -> Image:
    """Read an image file as `(H, W, 3)` uint8 RGB, turned as its EXIF data say.

    Raises:
        ImageError: If the file is missing, empty, truncated or no image.
    """
    return load_rgb(Path(path))


def detect(
    image: str | Path | Image,
    query_texts: Sequence[str],
    *,
    detector: Detector | None = None,
    min_score: float | None = None,
) -> Detections:
    """Find the objects that match queries in one image.

    Args:
        image: A file, or `(H, W, 3)` uint8 RGB.
        query_texts: What to look for, as `read_query` reads it; the labels of what is found.
        detector: What to look with; None takes the default one, which stays loaded.
        min_score: Lowest score in [0, 1] that counts; None takes the detector's default.

    Raises:
        ImageError: If the image cannot be read.
        QueryError: If a query cannot be read, is not supported by the detector, or there is none.
    """
    chosen = detector if detector is not None else _default_detector()
    queries = _read_supported(query_texts, chosen, min_score)
    pixels = load_image(image) if isinstance(image, str | Path) else image
    return chosen.detect([pixels], chosen.encode(queries))[0]


def count(
    source: str | Path,
    query_texts: Sequence[str],
    *,
    detector: Detector | None = None,
    fps: float | None = None,
    db: str | None = None,
    camera: str | None = None,
) -> Iterator[FrameResult | Gap]:
    """Count queries in a video, a folder of images, a stream or a webcam, frame by frame.

    The detector is loaded and the queries are read at once; the source is opened when the first
    item is asked for, and closed with the iterator.

    Args:
        source: A file, a folder, `rtsp://...`, `http://...` or `webcam:0`.
        query_texts: What to count, as `read_query` reads it.
        detector: What to look with; None takes the default one, which stays loaded.
        fps: Frames to count per second of media time; None counts every frame.
        db: Database URL to keep the counts in, such as `sqlite:///counts.db`; None keeps none.
        camera: Name under which they are kept; None takes that of the source.

    Returns:
        The result of each counted frame, and a gap for each interval that could not be seen.

    Raises:
        QueryError: If a query cannot be read, is not supported by the detector, or there is none.
        SourceError: If the source cannot be opened, or is lost for good.
        StoreError: If the database cannot be used.
    """
    chosen = detector if detector is not None else _default_detector()
    queries = _read_supported(query_texts, chosen, None)
    name = camera or default_camera_name(str(source))
    job = _CountJob(str(source), name, tuple(queries), SourceOptions(sample_fps=fps), db)
    return _run_count(chosen, job)


@dataclass(frozen=True)
class _CountJob:
    uri: str
    camera: str
    queries: tuple[Query, ...]
    options: SourceOptions
    db: str | None


def _run_count(detector: Detector, job: _CountJob) -> Iterator[FrameResult | Gap]:
    with ExitStack() as stack:
        url = job.db
        if url is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{Path(folder) / 'counts.db'}"
        settings = load_settings(db=url)
        opened = build_opener(settings)(job.uri, job.camera, job.options)
        frames = stack.enter_context(closing(opened))
        store = stack.enter_context(closing(open_store(settings)))
        counter = build_counter(detector, store)
        yield from stack.enter_context(counter.open_run(frames, job.camera, job.queries))


def _read_supported(
    query_texts: Sequence[str], detector: Detector, min_score: float | None
) -> list[Query]:
    if isinstance(query_texts, str):
        raise InputError(f"queries are a list, such as [{query_texts!r}]; got one text")
    queries = [read_query(text, detector, min_score=min_score) for text in query_texts]
    if not queries:
        raise QueryError('no query: say what to look for, such as ["person"]')
    for query in queries:
        if not query.supported:
            raise QueryError(
                f"the detector {detector.info.name!r} cannot find {query.text!r}: {query.note}"
            )
    return queries


def _known(setting: str, values: type[StrEnum], given: str | None) -> dict[str, StrEnum]:
    """Return the setting with the value that was given; nothing where none was."""
    if given is None:
        return {}
    if given not in (names := [value.value for value in values]):
        raise UnknownRuntimeError(f"no {setting} {given!r}; known: {', '.join(names)}")
    return {setting: values(given)}


def _settings_with(name: str | None, weights_dir: str | Path | None) -> Settings:
    settings = load_settings()
    return settings.model_copy(
        update={
            "detector": settings.detector if name is None else name,
            "weights_dir": settings.weights_dir if weights_dir is None else Path(weights_dir),
        }
    )


def _default_detector() -> Detector:
    settings = load_settings()
    return _load_once(settings.detector, settings.weights_dir)


@lru_cache(maxsize=1)
def _load_once(name: str, weights_dir: Path) -> Detector:
    return open_detector(name, weights_dir=weights_dir)


@lru_cache(maxsize=_READERS_KEPT)
def _reader_for(info: DetectorInfo, weights_dir: Path) -> QueryReader:
    return build_reader_for(info, weights_dir)
