"""The status of all cameras and of the store, read once for all viewers."""

from collections.abc import Callable
from dataclasses import dataclass

from ovd.domain.cameras import Camera
from ovd.domain.ports import CameraFleet, CameraStatus, Capacity, CountStore
from ovd.domain.records import StoreHealth, StoreState
from ovd.errors import StoreError
from ovd.services.cached import Cached

STATUS_AGE_S = 0.9
# A camera that another process adds or removes is seen after this long.
STORE_AGE_S = 4.0


@dataclass(frozen=True)
class Overview:
    """The status of all cameras and of the store at one time.

    Attributes:
        statuses: Cameras that are or were counted since the start, by name.
        cameras: Cameras that the store knows, by name.
        health: How the store stands.
        capacity: What the machine gets through, and what is asked of it.
    """

    statuses: tuple[CameraStatus, ...]
    cameras: tuple[Camera, ...]
    health: StoreHealth
    capacity: Capacity

    def status_of(self, camera: str) -> CameraStatus | None:
        """Return how a camera stands, None if it was not counted since the start."""
        return next((status for status in self.statuses if status.camera == camera), None)

    def camera_of(self, name: str) -> Camera | None:
        """Return a camera as the store knows it, None if it does not."""
        return next((camera for camera in self.cameras if camera.name == name), None)


class OverviewService:
    """Shares one `Overview` among all who ask within a second.

    The store is asked once in `STORE_AGE_S`, however many look.
    """

    def __init__(
        self, fleet: CameraFleet, store: CountStore, monotonic: Callable[[], float]
    ) -> None:
        """Read nothing yet.

        Args:
            fleet: Says how cameras stand.
            store: Keeps cameras.
            monotonic: Seconds on a clock that never steps.
        """
        self._fleet = fleet
        self._store = store
        self._stored = Cached(self._read_store, STORE_AGE_S, monotonic)
        self._overview = Cached(self._look, STATUS_AGE_S, monotonic)

    def now(self) -> Overview:
        """Return how everything stands, about a second old at most."""
        return self._overview.get()

    def expire(self, cameras_changed: bool = False) -> None:
        """Look anew when asked next, because something was just changed.

        Args:
            cameras_changed: Whether a camera was added, started or removed, so that the store
                must be read too.
        """
        if cameras_changed:
            self._stored.expire()
        self._overview.expire()

    def _look(self) -> Overview:
        cameras, health = self._stored.get()
        return Overview(self._fleet.statuses(), cameras, health, self._fleet.capacity())

    def _read_store(self) -> tuple[tuple[Camera, ...], StoreHealth]:
        try:
            return self._store.cameras.all(), self._store.health()
        except StoreError as error:
            return (), StoreHealth(StoreState.FAILING, 0, None, str(error))
