"""One consistent look at the services, from which every panel draws."""

from collections.abc import Mapping
from dataclasses import dataclass

from ovd.bootstrap import Services
from ovd.domain.query import Query
from ovd.domain.records import StoreHealth, StoreState
from ovd.errors import StoreError
from ovd.render.palette import css_colour, query_colours
from ovd.services.counting.capacity import Capacity
from ovd.services.counting.worker import CameraStatus, HistoryPoint, LiveFrame
from ovd.texts.page import Texts
from ovd.ui.query_rows import describe_movement
from ovd.ui.session import Session
from ovd.ui.view import CameraRow


@dataclass(frozen=True, eq=False)
class Scene:
    """What a session sees at one moment.

    Attributes:
        session: The session.
        rows: All cameras by name, those of the fleet and those the session knows from the store.
        row: The camera looked at, None when there is none.
        live: Its newest counted frame.
        history: Its recent counts, oldest first.
        queries: What is counted, or will be when the camera starts.
        health: How the store stands.
        load: What the machine gets through, and what is asked of it.
    """

    session: Session
    rows: tuple[CameraRow, ...]
    row: CameraRow | None
    live: LiveFrame | None
    history: tuple[HistoryPoint, ...]
    queries: tuple[Query, ...]
    health: StoreHealth
    load: Capacity

    @property
    def texts(self) -> Texts:
        """The words of the session's language."""
        return self.session.texts

    @property
    def setting_up(self) -> bool:
        """Whether the form for starting a camera takes the place of the picture."""
        return self.session.adding or self.row is None

    @property
    def colours(self) -> Mapping[str, str]:
        """CSS colour of each supported query by its text, the one its boxes have."""
        supported = [query.text for query in self.queries if query.supported]
        return dict(zip(supported, map(css_colour, query_colours(supported)), strict=True))

    @property
    def row_status(self) -> CameraStatus | None:
        """How the camera looked at stands in the fleet, None when it is not there."""
        return self.row.status if self.row else None

    @property
    def counts(self) -> Mapping[str, int]:
        """Newest count by query text; empty before the first frame and while setting up."""
        if self.live is None or self.setting_up:
            return {}
        return {entry.query.text: entry.count for entry in self.live.result.counts}

    @property
    def moved(self) -> Mapping[str, str]:
        """Different objects and line crossings of the run by query text, where they are known."""
        if self.live is None or self.setting_up:
            return {}
        result = self.live.result
        return {
            entry.query.text: describe_movement(entry, result.zones, self.texts)
            for entry in result.counts
        }


def take_scene(services: Services, session: Session) -> Scene:
    """Look at the fleet once."""
    statuses = {status.camera: status for status in services.fleet.statuses()}
    uris = {camera.name: camera.uri for camera in session.recorded}
    uris |= {name: status.uri for name, status in statuses.items()}
    rows = tuple(CameraRow(name, uri, statuses.get(name)) for name, uri in sorted(uris.items()))
    row = next((row for row in rows if row.name == session.camera), None)
    health, load = _ask_health(services), services.fleet.capacity()
    if row is None or row.status is None:
        return Scene(session, rows, row, None, (), session.draft, health, load)
    queries = session.draft if session.adding else row.status.queries
    fleet = services.fleet
    latest, history = fleet.latest(row.name), fleet.history(row.name)
    return Scene(session, rows, row, latest, history, queries, health, load)


def _ask_health(services: Services) -> StoreHealth:
    try:
        return services.store.health()
    except StoreError as error:
        return StoreHealth(StoreState.FAILING, 0, None, str(error))
