"""The state of the page of one session, from which every part of it is drawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ovd.bootstrap import Services
from ovd.domain.ports import CameraFleet, CameraStatus, LiveFrame
from ovd.domain.query import Query
from ovd.language.korean.names import name_query
from ovd.render.palette import css_colour, query_colours
from ovd.services.history.periods import Period
from ovd.services.history.today import DayNumbers
from ovd.services.overview import Overview
from ovd.services.queries import merge_aliases
from ovd.services.reports.buckets import FIRST_YEAR, LAST_YEAR, Interval
from ovd.texts.languages import Language
from ovd.texts.page import PageTexts
from ovd.ui.history.selection import HistorySelection
from ovd.ui.html.camera_state import ShownCamera
from ovd.ui.html.query_list import describe_movement
from ovd.ui.report_panel import TIME_ZONES
from ovd.ui.session import EvidenceSelection, Session, View
from ovd.ui.wall.selection import LAYOUTS, WallSelection

# What is shown of the history around a moment, and the images of it.
_AROUND = timedelta(minutes=15)
_NEAR = timedelta(seconds=5)


@dataclass(frozen=True, eq=False)
class PageState:
    """The state of the page of one session at one time.

    Attributes:
        session: The session.
        overview: How all cameras and the store stand.
        cameras: All cameras by name, those of the fleet and those that only the store knows.
        camera: The one that is shown, None when there is none.
        latest: Its newest counted frame.
        queries: What is counted, or will be when the camera starts.
    """

    session: Session
    overview: Overview
    cameras: tuple[ShownCamera, ...]
    camera: ShownCamera | None
    latest: LiveFrame | None
    queries: tuple[Query, ...]

    @property
    def texts(self) -> PageTexts:
        """Return the words of the session's language."""
        return self.session.texts

    @property
    def is_form_open(self) -> bool:
        """Say whether the form for starting a camera takes the place of the image."""
        return self.session.adding or self.camera is None

    @property
    def colours(self) -> Mapping[str, str]:
        """Return the CSS colour of each supported query by its text, the one its boxes have."""
        supported = [query.text for query in self.queries if query.supported]
        return dict(zip(supported, map(css_colour, query_colours(supported)), strict=True))

    @property
    def status(self) -> CameraStatus | None:
        """Return how the shown camera stands, None where it is not in the fleet or not shown."""
        return self.camera.status if self.camera and not self.is_form_open else None

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the newest count by query text; none before the first frame."""
        if self.latest is None or self.is_form_open:
            return {}
        return {entry.query.text: entry.count for entry in self.latest.result.counts}

    def movement(self, today: Mapping[str, DayNumbers]) -> Mapping[str, str]:
        """Return objects and line crossings of the run by query text, where they are known.

        Args:
            today: The numbers of the day that stand beside them.
        """
        if self.latest is None or self.is_form_open:
            return {}
        result = self.latest.result
        return {
            entry.query.text: describe_movement(
                entry, result.zones, self.texts, today.get(entry.query.text)
            )
            for entry in result.counts
        }

    @property
    def names(self) -> Mapping[str, str]:
        """Return what queries of all cameras are called, where that is not what was typed."""
        language = self.session.language
        queries = [query for status in self.overview.statuses for query in status.queries]
        called = {q.text: name_query(q.text, q.read_as, language) for q in queries}
        return {text: name for text, name in called.items() if name != text}


def read_page_state(overview: Overview, fleet: CameraFleet, session: Session) -> PageState:
    """Return what a session shows, from an overview and the newest frame of its camera."""
    statuses = {status.camera: status for status in overview.statuses}
    uris = {camera.name: camera.uri for camera in overview.cameras}
    uris |= {name: status.uri for name, status in statuses.items()}
    cameras = tuple(
        ShownCamera(name, uri, statuses.get(name))
        for name, uri in sorted(uris.items())
        if session.identity.may_see(name)
    )
    camera = next((camera for camera in cameras if camera.name == session.camera), None)
    if camera is None or camera.status is None:
        return PageState(session, overview, cameras, camera, None, session.draft)
    queries = session.draft if session.adding else camera.status.queries
    return PageState(session, overview, cameras, camera, fleet.latest(camera.name), queries)


def begin_session(services: Services, first: Session, visit: str) -> Session:
    """Return the session of a tab that was just loaded.

    Args:
        services: Where cameras are.
        first: What a session begins with.
        visit: JSON of `assets/visit.js`: time zone; language, camera, view and
            moment from the address.
    """
    wishes = json.loads(visit)
    language = wishes["language"]
    zone = wishes["time_zone"]
    view = wishes["view"]
    session = replace(
        first,
        view=View(view) if view in set(View) else first.view,
        draft=merge_aliases([*map(services.reader.read, services.saved_queries.all())]).queries,
        language=Language(language) if language in set(Language) else first.language,
        time_zone=zone if zone in TIME_ZONES else first.time_zone,
        wall=WallSelection(_read_tiles(wishes.get("wall", ""))),
    )
    cameras = read_page_state(services.overview.now(), services.fleet, session).cameras
    session = _at_moment(session, wishes)
    wanted = [camera.name for camera in cameras if camera.name == wishes["camera"]]
    counted = [camera.name for camera in cameras if camera.status is not None]
    names = (*wanted, *counted, *(camera.name for camera in cameras), "")
    return replace(session, camera=names[0])


def _at_moment(session: Session, wishes: Mapping[str, str]) -> Session:
    """Return a session whose history shows the moment that the address names, if it names one."""
    try:
        at = datetime.fromisoformat(wishes.get("at", ""))
    except ValueError:
        return session
    if at.tzinfo is None or not FIRST_YEAR < at.year < LAST_YEAR:
        return session
    shown = Interval(at - _AROUND, at + _AROUND)
    history = HistorySelection(Period.CUSTOM, shown, camera=wishes["camera"])
    query = wishes.get("query", "")
    evidence = EvidenceSelection(query, at - _NEAR, at + _NEAR) if query else None
    return replace(session, history=history, evidence=evidence)


def _read_tiles(wish: str) -> int:
    """Return how many tiles the address asks for; 0 where it asks for none that there are."""
    return int(wish) if wish in map(str, LAYOUTS) else 0
