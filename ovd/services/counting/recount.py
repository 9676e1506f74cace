"""RecountService: new queries over footage that was counted before, into the same history."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ovd.domain.cameras import Camera
from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import CountStore, FrameSource, SourceInfo
from ovd.domain.query import Query
from ovd.domain.records import CountSelection
from ovd.errors import CameraError, InputError
from ovd.services.counting.run import CountRun
from ovd.services.counting.service import CountService

_STARTS_SHOWN = 5
_SLACK = timedelta(seconds=2)


@dataclass(frozen=True)
class Footage:
    """Whose history a recording belongs to, and when it was taken.

    Attributes:
        camera: The camera as the store knows it.
        start_at: When its first frame was taken, aware.
        earlier_until: Last moment that the earlier run counted; None if the start was told.
    """

    camera: Camera
    start_at: datetime
    earlier_until: datetime | None = None


class _RestOfSource:
    """A source without what was taken up to a moment; implements `FrameSource`."""

    def __init__(self, source: FrameSource, after: datetime) -> None:
        self._source = source
        self._after = after

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    @property
    def frames_read(self) -> int:
        return self._source.frames_read

    def __iter__(self) -> Iterator[Frame | Gap]:
        for item in self._source:
            moment = item.captured_at if isinstance(item, Frame) else item.started_at
            if moment > self._after:
                yield item

    def close(self) -> None:
        self._source.close()


class RecountService:
    """Finds where a recording belongs in the history, and counts it without doubles."""

    def __init__(
        self, counter: CountService, store: CountStore, same_file: Callable[[str, str], bool]
    ) -> None:
        """Prepare the service.

        Args:
            counter: Does the counting.
            store: The history.
            same_file: Whether an address typed now and one that the store kept name one file.
        """
        self._counter = counter
        self._store = store
        self._same_file = same_file

    def find(self, uri: str, camera: str | None, start_at: datetime | None) -> Footage:
        """Find the camera of a recording, and when the recording was taken.

        Args:
            uri: The recording.
            camera: Name of its camera; None finds the one that was counted from this file.
            start_at: When its first frame was taken; None takes it from the earlier runs.

        Raises:
            CameraError: If the camera is unknown, or none or several were counted from the file.
            InputError: If the earlier runs do not tell the start.
            StoreError: If the database cannot be read.
        """
        known = self._camera_of(uri) if camera is None else self._camera_named(camera)
        if start_at is not None:
            return Footage(known, start_at)
        if not self._same_file(uri, known.uri):
            raise InputError(
                f"camera {known.name!r} was last counted from {known.uri}, not from this file; say "
                "when its first frame was taken, such as --start-at 2026-03-01T08:00:00+09:00"
            )
        return self._footage_of(known)

    def open_run(
        self, source: FrameSource, footage: Footage, queries: Sequence[Query], resume: bool = False
    ) -> CountRun:
        """Start a run over the footage; enter it, then iterate it.

        Args:
            source: The recording, opened to start at `footage.start_at`; the run closes it.
            footage: What `find` gave.
            queries: What to count.
            resume: Whether to go on after the last moment at which the queries were counted.

        Raises:
            InputError: If the source is live, is shorter than what the earlier run counted, or
                a query was already counted at this camera in the time of the recording.
            StoreError: If the database cannot be used; nothing was recorded then.
        """
        _require_recording(source.info, footage)
        counted = self._counted(source.info, footage, queries)
        if counted and not resume:
            raise InputError(
                f"{_list(counted)} at camera {footage.camera.name!r} was already counted between "
                f"{footage.start_at.isoformat()} and {max(counted.values()).isoformat()}; counting "
                "it again would double it. Leave it out, go on where a stopped recount ended with "
                "--continue, or count into another camera with ovd count --camera"
            )
        if counted:
            source = _RestOfSource(source, _common_end(counted, queries))
        return self._counter.open_run_of(footage.camera, source, queries)

    def _camera_of(self, uri: str) -> Camera:
        cameras = self._store.cameras.all(include_removed=True)
        found = [camera for camera in cameras if self._same_file(uri, camera.uri)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(repr(camera.name) for camera in found or cameras) or "none"
        problem = "more than one camera was" if found else "no camera was last"
        raise CameraError(
            f"{problem} counted from this file; name it with --camera (known: {names}), and its "
            "time with --start-at where the file has moved"
        )

    def _camera_named(self, name: str) -> Camera:
        cameras = {camera.name: camera for camera in self._store.cameras.all(include_removed=True)}
        if name not in cameras:
            raise CameraError(
                f"unknown camera {name!r}; known: {', '.join(cameras) or 'none'}. A recording of a "
                "camera without history is counted with ovd count"
            )
        return cameras[name]

    def _footage_of(self, camera: Camera) -> Footage:
        """The one start that all runs of the camera share."""
        spans: dict[datetime, datetime] = {}
        runs = self._store.runs.all(camera.name)
        for run in runs:
            selection = CountSelection(run_ids=(run.id,))
            extents = self._store.counts.extents(selection)
            gaps = [gap.started_at for _, gap in self._store.counts.gaps(selection)]
            starts = [*gaps, *(extent.first_at for extent in extents)]
            if starts:
                until = max((extent.last_at for extent in extents), default=min(starts))
                start_at = min(starts)
                spans[start_at] = max(until, spans.get(start_at, until))
            if len(spans) > _STARTS_SHOWN:
                break
        if len(spans) == 1:
            ((start_at, until),) = spans.items()
            return Footage(camera, start_at, until)
        shown = ", ".join(start.isoformat() for start in list(spans)[:_STARTS_SHOWN])
        told = f"its runs started at {shown}" if spans else "none of its runs counted anything"
        raise InputError(
            f"the history of camera {camera.name!r} does not tell when this recording was taken: "
            f"{told}; say it with --start-at"
        )

    def _counted(
        self, info: SourceInfo, footage: Footage, queries: Sequence[Query]
    ) -> dict[str, datetime]:
        """Last moment inside the recording at which each query was counted already."""
        end_at = None
        if info.length_s is not None:
            # Recordings that follow each other may touch; a frame at the edge belongs to the next.
            inside_s = max(info.length_s - info.sample_interval_s, 0.0)
            end_at = footage.start_at + timedelta(seconds=inside_s, microseconds=1)
        selection = CountSelection(
            cameras=(footage.camera.name,),
            queries=tuple(query.text for query in queries),
            start_at=footage.start_at,
            end_at=end_at,
        )
        return {extent.query: extent.last_at for extent in self._store.counts.extents(selection)}


def _require_recording(info: SourceInfo, footage: Footage) -> None:
    if info.live:
        raise InputError("a recount needs a recording, not a live source; use ovd count")
    if footage.earlier_until is None or info.length_s is None:
        return
    counted = footage.earlier_until - footage.start_at
    if counted > timedelta(seconds=info.length_s) + _SLACK:
        raise InputError(
            f"the recording is {info.length_s:.0f} s long, but the earlier run counted "
            f"{counted.total_seconds():.0f} s: it was played over and over, or is another "
            "recording; say with --start-at which part of the history it is"
        )


def _common_end(counted: dict[str, datetime], queries: Sequence[Query]) -> datetime:
    supported = {query.text for query in queries if query.supported}
    ends = set(counted.values())
    if len(ends) > 1 or supported != set(counted):
        raise InputError(
            "these queries were not counted up to the same moment; recount them one by one"
        )
    return ends.pop()


def _list(names: dict[str, datetime]) -> str:
    return ", ".join(repr(name) for name in names)
