from ovd.domain.cameras import Camera
from ovd.domain.ports import CameraStatus, Capacity
from ovd.domain.records import StoreHealth, StoreState
from ovd.errors import StoreError
from ovd.services.overview import STORE_AGE_S, OverviewService
from tests.fakes import FixedClock
from tests.ui.samples import RUNNING


class CountedFleet:
    def __init__(self) -> None:
        self.calls = 0

    def statuses(self) -> tuple[CameraStatus, ...]:
        self.calls += 1
        return (RUNNING,)

    def capacity(self) -> Capacity:
        return Capacity(10.0, 0.0, 0, ())


class CountedStore:
    """Its own repository of cameras."""

    def __init__(self) -> None:
        self.reads = 0
        self.failure: StoreError | None = None
        self.cameras = self

    def all(self) -> tuple[Camera, ...]:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        return ()

    def health(self) -> StoreHealth:
        return StoreHealth(StoreState.GOOD, 0, None)


class Watched:
    """An overview service and what it was built of."""

    def __init__(self) -> None:
        self.clock, self.fleet, self.store = FixedClock(), CountedFleet(), CountedStore()
        self.service = OverviewService(self.fleet, self.store, self.clock.monotonic)


def test_ten_who_look_every_second_cost_one_read_in_several_seconds():
    watched = Watched()

    for _ in range(20):
        for _ in range(10):
            watched.service.now()
        watched.clock.advance(1.0)

    assert watched.fleet.calls == 20
    assert watched.store.reads == 20 / STORE_AGE_S


def test_action_is_seen_at_once_without_reading_the_store():
    watched = Watched()
    watched.service.now()

    watched.service.expire()
    watched.service.now()

    assert (watched.fleet.calls, watched.store.reads) == (2, 1)


def test_store_is_read_again_after_a_camera_was_changed():
    watched = Watched()
    watched.service.now()

    watched.service.expire(cameras_changed=True)
    watched.service.now()

    assert watched.store.reads == 2


def test_store_that_cannot_be_read_is_told_and_cameras_still_shown():
    watched = Watched()
    watched.store.failure = StoreError("the database is locked")

    overview = watched.service.now()

    assert overview.health.state is StoreState.FAILING
    assert overview.health.detail == "the database is locked"
    assert overview.status_of("gate") == RUNNING
    assert overview.status_of("yard") is None
