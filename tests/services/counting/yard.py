"""A fleet over fakes, for tests."""

import queue
from collections.abc import Iterator

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import CountStore, FrameSource, LiveFrame, SourceInfo, SourceOptions
from ovd.domain.records import RunStatus
from ovd.errors import OpenFailure, SourceOpenError
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.fleet import Fleet
from ovd.services.counting.service import CountService
from ovd.services.counting.supervisor import SupervisionConfig
from ovd.services.events import EventHub
from ovd.threads import Backoff
from tests.builders import make_query
from tests.fakes import FakeDetector, FakeReader, FixedClock, MemoryStore

PERSON, CAR = make_query("person"), make_query("car")
WAIT_S = 10.0
AT_ONCE = SupervisionConfig(check_s=0.01, sync_s=0.0, backoff=Backoff(first_s=0.0, ceiling_s=0.0))


class FedSource:
    """A live source that yields what the test puts into it, until it is closed."""

    def __init__(self, uri: str = "fed") -> None:
        self._items: queue.Queue[Frame | Gap | None] = queue.Queue()
        self.frames_read = 0
        self.info = SourceInfo(uri, (48, 64), 10.0, None, 0.1, True)

    def feed(self, item: Frame | Gap) -> None:
        self._items.put(item)

    def __iter__(self) -> Iterator[Frame | Gap]:
        while (item := self._items.get()) is not None:
            self.frames_read += isinstance(item, Frame)
            yield item

    def close(self) -> None:
        self._items.put(None)


class Yard:
    """A fleet over fakes; sources are opened by URI from a table."""

    def __init__(self, store: CountStore | None = None) -> None:
        self.sources: dict[str, FrameSource] = {}
        self.later: dict[str, FrameSource] = {}
        self.refused: set[str] = set()
        self.store = MemoryStore() if store is None else store
        self.clock = FixedClock()
        self.opened: list[tuple[str, SourceOptions]] = []
        self.hub = EventHub()
        self._service = CountService(FakeDetector(), self.store, self.clock, self.hub)
        self.fleet = self.make_fleet()

    def make_fleet(self) -> Fleet:
        """Return another fleet on the same database, as after a restart of the app."""
        queries = CameraQueryReader(FakeReader(), self.store.saved_queries)
        return Fleet(self._service, self._open, queries, supervision=AT_ONCE)

    def _open(self, uri: str, camera: str, options: SourceOptions) -> FrameSource:
        self.opened.append((uri, options))
        if uri in self.refused:
            raise SourceOpenError(f"{camera} refused the password", OpenFailure.REFUSED)
        if uri not in self.sources:
            raise SourceOpenError(f"cannot open {uri}")
        later = self.later.pop(uri, None)
        if later is not None:
            source, self.sources[uri] = self.sources[uri], later
            return source
        return self.sources[uri]

    def start_fed(self, camera: str = "gate") -> FedSource:
        source = FedSource()
        self.sources[camera] = source
        self.fleet.start(camera, camera, [PERSON], SourceOptions())
        return source

    def wait_for_frames(self, fleet: Fleet, camera: str) -> LiveFrame:
        """The newest frame, waited for also while the camera has no thread yet."""
        latest = None
        while latest is None:
            latest = fleet.wait_newer(camera, 0, WAIT_S)
        return latest

    def wait_for_end(self, camera: str) -> RunStatus:
        latest = self.fleet.latest(camera)
        seen = latest.sequence if latest else 0
        while self.fleet.status(camera).state is RunStatus.RUNNING:
            newer = self.fleet.wait_newer(camera, seen, WAIT_S)
            seen = newer.sequence if newer else seen
        assert self.hub.wait_idle(WAIT_S)
        return self.fleet.status(camera).state
