"""The wall in the page: its place, what choices do, and its parts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import gradio as gr

from ovd.bootstrap import Services
from ovd.errors import CameraError
from ovd.render.palette import css_colour, query_colours
from ovd.services.history.today import numbers_of
from ovd.texts.page.wall import wall_texts
from ovd.ui.html.camera_state import ShownCamera
from ovd.ui.page_state import PageState
from ovd.ui.session import Session, View
from ovd.ui.theme import own_html
from ovd.ui.wall.selection import fitting_layout
from ovd.ui.wall.tiles import Tile, WallWords, draw_tile, draw_wall


def build_wall() -> gr.HTML:
    """Lay out the wall; its script draws its parts."""
    with gr.Column(elem_classes="ovd-wall", elem_id="ovd-wall"):
        return own_html("wall.js")


def choose_wall(services: Services, session: Session, event: gr.EventData) -> Session:
    """Show the wall with another number of tiles, or other cameras on it.

    Raises:
        InputError: If the page sent something else than a choice.
    """
    known = len(services.overview.now().cameras)
    choice = str(event.value) or str(fitting_layout(known))
    wall = session.wall.changed(choice, known)
    return replace(session, wall=wall, adding=False, view=View.LIVE, evidence=None)


def is_wall_open(state: PageState) -> bool:
    """Say whether a session shows the wall."""
    session = state.session
    return session.view is View.LIVE and session.wall.tiles > 0 and not state.is_form_open


def draw_places(state: PageState) -> str:
    """Draw the wall without what is in its tiles."""
    names = [camera.name for camera in state.cameras]
    return draw_wall(names, state.session.wall, wall_texts(state.session.language))


def draw_tiles(services: Services, state: PageState) -> Sequence[tuple[str, str]]:
    """Return the name and the HTML of each tile that is shown."""
    session = state.session
    words = WallWords(
        session.texts,
        wall_texts(session.language),
        ZoneInfo(session.time_zone),
        datetime.now(UTC),
    )
    return [
        (camera.name, draw_tile(_read_tile(services, camera, session), words))
        for camera in session.wall.shown(state.cameras)
    ]


def _read_tile(services: Services, camera: ShownCamera, session: Session) -> Tile:
    queries = camera.status.queries if camera.status else ()
    supported = [query.text for query in queries if query.supported]
    colours = dict(zip(supported, map(css_colour, query_colours(supported)), strict=True))
    try:
        latest = services.fleet.latest(camera.name) if camera.status else None
    except CameraError:  # it was removed this moment
        latest = None
    counts = {} if latest is None else {c.query.text: c.count for c in latest.result.counts}
    numbers = services.today.peek(session.time_zone) if services.today else {}
    today = numbers_of(numbers, camera.name, queries)
    size_hw = latest.result.frame.size_hw if latest else None
    return Tile(camera, queries, colours, counts, today, size_hw)
