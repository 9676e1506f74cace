"""The history view: what the page's event handlers do for it, and its HTML."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.query import Query
from ovd.errors import OvdError
from ovd.services.history.reading import Baseline, History, HistoryRequest, read_history
from ovd.ui.history.chart import colours_of, draw_chart, list_lines, list_points
from ovd.ui.history.controls import CameraChoice, draw_controls
from ovd.ui.history.passages import draw_passages
from ovd.ui.history.selection import HistorySelection
from ovd.ui.history.tables import draw_heatmap, draw_totals, draw_zones
from ovd.ui.html.cards import card_title, empty
from ovd.ui.html.gallery import draw_gallery
from ovd.ui.html.plot import Series
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import own_html


def build_history_panel() -> gr.HTML:
    """Lay out the history view; its script draws what `draw_history` returns."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-history"):
        return own_html("history.js", drawn=None)


def choose_history(services: Services, session: Session, event: gr.EventData) -> Session:
    """Change what the history view shows.

    Raises:
        InputError: If the page sent something else than a choice.
    """
    selection = session.history.changed(str(event.value), ZoneInfo(session.time_zone))
    return replace(session, history=selection, evidence=None)


def draw_history(services: Services, session: Session, now: datetime) -> dict[str, JsonValue]:
    """Draw the history view of a session.

    Args:
        services: Where counts and images are.
        session: Whose view.
        now: The present, aware.

    Returns:
        `html`, `points` under the pointer, and `number`, which grows with every choice.
    """
    selection, zone, texts = session.history, ZoneInfo(session.time_zone), session.texts
    drawn: dict[str, JsonValue] = {"points": {}, "number": selection.number}
    html = card_title(texts.history_title)
    try:
        cameras = list_cameras(services, session)
        camera = selection.camera or session.camera or (cameras[0].name if cameras else "")
        if camera not in {choice.name for choice in cameras}:
            return drawn | {"html": _frame(html + empty(texts.history_no_camera))}
        interval = selection.interval(now, zone)
        html += draw_controls(cameras, camera, selection, interval, zone, texts)
        if selection.other not in {choice.name for choice in cameras} - {camera}:
            selection = replace(selection, other="", baseline=_without_camera(selection.baseline))
        request = HistoryRequest(
            camera, interval, session.time_zone, selection.baseline, selection.other
        )
        services.store.flush()
        history = read_history(services.reports, request)
    except OvdError as error:
        return drawn | {"html": _frame(html + empty(str(error), "bad"))}
    colours = colours_of(history, _live_queries(services, camera))
    lines = list_lines(history, selection, colours, session.language)
    html += _content(services, replace(session, camera=camera), history, colours, lines)
    before = selection.other or texts.history_before
    points = list_points(history, lines, zone, texts, before)
    return drawn | {"html": _frame(html), "points": points}


def _without_camera(baseline: Baseline) -> Baseline:
    return Baseline.NONE if baseline is Baseline.CAMERA else baseline


def _frame(html: str) -> str:
    return f'<div class="ovd-history">{html}</div>'


def list_cameras(services: Services, session: Session) -> tuple[CameraChoice, ...]:
    """Return the cameras whose history a session may see, those that were removed last.

    Raises:
        StoreError: If the database cannot be read.
    """
    known = services.store.cameras.all(include_removed=True)
    choices = (
        CameraChoice(camera.name, camera.removed_at is not None)
        for camera in known
        if session.identity.may_see(camera.name)
    )
    return tuple(sorted(choices, key=lambda choice: (choice.removed, choice.name)))


def _live_queries(services: Services, camera: str) -> tuple[Query, ...]:
    """Return what a camera counts now, in order."""
    statuses = {status.camera: status for status in services.fleet.statuses()}
    if camera not in statuses:
        return ()
    return tuple(query for query in statuses[camera].queries if query.supported)


def _content(
    services: Services,
    session: Session,
    history: History,
    colours: dict[str, str],
    lines: Sequence[Series],
) -> str:
    selection, texts, zone = session.history, session.texts, ZoneInfo(session.time_zone)
    if not history.series:
        return empty(texts.history_nothing)
    chart = draw_chart(history, lines, selection, zone, texts)
    note = texts.history_zoom
    if selection.baseline and history.baseline is None:
        note = texts.history_no_baseline
    return (
        f'<div class="ovd-history-chart">{chart}</div><p class="ovd-note">{note}</p>'
        + draw_totals(history, selection, colours, services.evidence, texts)
        + draw_gallery(services.evidence, session)
        + _heatmap(history, selection, colours, session)
        + draw_zones(history, texts)
        + draw_passages(history, session, services.evidence)
    )


def _heatmap(
    history: History, selection: HistorySelection, colours: dict[str, str], session: Session
) -> str:
    if not history.has_weekdays:
        return ""
    series = history.series_of(selection.query) or history.series[0]
    choices = [entry.query for entry in history.series]
    return draw_heatmap(series, colours[series.query], choices, session.texts)
