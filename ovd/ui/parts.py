"""The parts of the page that move by themselves or follow an action, each drawn when it changed."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import floor, log2
from zoneinfo import ZoneInfo

from ovd.bootstrap import Services
from ovd.domain.access import Role
from ovd.domain.ports import CameraStatus
from ovd.services.history.today import DayNumbers, numbers_of
from ovd.services.live_view import HISTORY_LENGTH
from ovd.services.reports.newest import NewestRows, NewestSelection
from ovd.texts.page.teaching import teach_texts
from ovd.texts.page.wall import wall_texts
from ovd.ui.alerts.panel import describe_words as describe_alert_words
from ovd.ui.alerts.panel import draw_alerts, draw_messages, version_of, version_of_log
from ovd.ui.alerts.targets import describe_delivery, describe_target_words
from ovd.ui.cameras.panel import describe_words, draw_cameras
from ovd.ui.html.camera_state import is_live
from ovd.ui.html.cards import card_title, empty
from ovd.ui.html.chart import (
    BINS,
    bin_history,
    chart_legend,
    chart_points,
    counts_chart,
    rename_series,
)
from ovd.ui.html.gallery import draw_gallery
from ovd.ui.html.header import header
from ovd.ui.html.live_image import live_bar, live_image, overlay
from ovd.ui.html.notices import capacity, store_notice
from ovd.ui.html.query_list import query_counts, query_list
from ovd.ui.html.report_table import report_table
from ovd.ui.json_value import JsonValue
from ovd.ui.page_state import PageState
from ovd.ui.reports.panel import describe_reports
from ovd.ui.session import View
from ovd.ui.sites.panel import describe_sites
from ovd.ui.system.panel import describe_system
from ovd.ui.trying.panel import describe_trying
from ovd.ui.wall.panel import draw_places, draw_tiles, is_wall_open
from ovd.ui.wall.tiles import draw_day, draw_tools

# The rate at which the form says how many cameras the machine can count.
CAMERA_FPS = 2.0
SHORTEST_CHART_STEP_S = 2.0


@dataclass(frozen=True)
class Part:
    """A part of the page.

    Attributes:
        name: By which the page's scripts know it.
        version: Equal versions of a part are drawn alike, for whomever.
        draw: Gives its HTML, or the data that its script draws from.
    """

    name: str
    version: Hashable
    draw: Callable[[], JsonValue]


ReadParts = Callable[[], Sequence[Part]]


def list_parts(services: Services, state: PageState) -> tuple[ReadParts, ...]:
    """Return what reads the parts of the page, in the order of drawing.

    Each of them may fail without the others; the report may be missing at first.
    """
    readers: tuple[ReadParts, ...] = (
        lambda: [_view(state)],
        lambda: [_html("header", header(state.cameras, state.session, state.is_form_open))],
        lambda: [_html("notice", store_notice(state.overview.health, state.texts))],
        lambda: [_trying(services, state)],
    )
    if state.session.view is View.CAMERAS:
        readers = (*readers, lambda: _camera_parts(state))
    if state.session.view is View.ALERTS:
        readers = (*readers, lambda: _alert_parts(services, state))
    if state.session.view is View.REPORTS:
        readers = (*readers, lambda: [_words("report_words", describe_reports(state.session))])
    if state.session.view is View.SITES:
        readers = (*readers, lambda: [_words("site_words", describe_sites(state.session))])
    if state.session.view is View.SYSTEM:
        readers = (*readers, lambda: [_words("system_words", describe_system(state.session))])
    if state.session.view is not View.LIVE:
        return (*readers, lambda: [_html("image", "")])
    readers = (*readers, lambda: [_names(state)])
    if is_wall_open(state):
        return (*readers, lambda: _wall_parts(services, state))
    readers = (
        *readers,
        lambda: _form_parts(state),
        lambda: _query_parts(services, state),
        lambda: [_teaching(state)],
    )
    if state.camera is None or state.is_form_open:
        return (*readers, lambda: [_html("image", "")])  # lets its stream end
    return (
        *readers,
        lambda: _live_parts(state),
        lambda: [_chart(services, state)],
        lambda: _report_parts(services, state),
    )


def _html(name: str, html: str) -> Part:
    return Part(name, html, lambda: html)


def _words(name: str, described: Mapping[str, JsonValue]) -> Part:
    """Return the words of a view that its scripts draw."""
    version = tuple((key, value) for key, value in described.items() if key != "words")
    return Part(name, version, lambda: described)


def _view(state: PageState) -> Part:
    session = state.session
    is_idle = state.camera is not None and state.camera.status is None
    view: Mapping[str, JsonValue] = {
        "form": state.is_form_open,
        "cancel": session.adding and bool(state.cameras),
        "chart": not state.is_form_open and not is_idle,
        "viewer": not session.identity.role.includes(Role.OPERATOR),
        "language": session.language.value,
        "camera": session.camera,
        "view": session.view.value,
        "wall": session.wall.tiles,
    }
    return Part("view", tuple(view.items()), lambda: view)


def _wall_parts(services: Services, state: PageState) -> list[Part]:
    tiles = draw_tiles(services, state)
    return [
        _html("image", ""),
        _html("wall", draw_places(state)),
        *(_html(f"tile/{name}", html) for name, html in tiles),
    ]


def _form_parts(state: PageState) -> list[Part]:
    texts = state.texts
    title = texts.setup_title if state.cameras else texts.setup_first
    load = capacity(state.overview.capacity, CAMERA_FPS, texts)
    note = f'<p class="ovd-note">{load}</p>' if load else ""
    return [_html("form_title", card_title(title, texts.setup_text) + note)]


def _query_parts(services: Services, state: PageState) -> list[Part]:
    texts, status = state.texts, state.status
    live = status is not None and is_live(status)
    cells: tuple[tuple[str, str, str], ...] = ()
    numbers = _today(services, state)
    if status is not None:
        moved = state.movement(numbers)
        cells = query_counts(state.queries, state.counts, live, texts, moved)
    words = wall_texts(state.session.language)
    today = {text: draw_day(day, words) for text, day in numbers.items()}
    counts: Mapping[str, JsonValue] = {"counts": cells, "live": live, "today": today}
    language, who = state.session.language, state.session.identity
    may_teach = services.teaching is not None and who.role.includes(Role.OPERATOR)
    teach = teach_texts(language) if may_teach and who.cameras is None else None
    rows = query_list(state.queries, state.colours, texts, teach)
    return [
        _html("query_title", card_title(texts.query_title, "" if status else texts.query_draft)),
        _html("queries", rows),
        Part("counts", (cells, live, tuple(today.items())), lambda: counts),
    ]


def _camera_parts(state: PageState) -> list[Part]:
    """Return the list of cameras, and the words of its windows."""
    session = state.session
    version = (session.language, session.identity.role)
    return [
        Part("camera_words", version, lambda: describe_words(session)),
        _html("cameras", draw_cameras(state.overview, session, datetime.now(UTC))),
    ]


def _alert_parts(services: Services, state: PageState) -> list[Part]:
    """Return the alert rules, their targets and log, and the words of their windows."""
    session, now = state.session, datetime.now(UTC)
    described = (session.language, session.time_zone)
    version, logged = (of(services, session, now) for of in (version_of, version_of_log))
    delivery = describe_delivery(services, session)
    may = (*described, session.identity.role)
    return [
        Part("alert_words", described, lambda: describe_alert_words(session)),
        Part("alerts", version, lambda: draw_alerts(services, session, now)),
        Part("target_words", may, lambda: describe_target_words(session)),
        Part("deliveries", tuple(delivery.items()), lambda: delivery),
        Part("alert_log", logged, lambda: draw_messages(services, session, now)),
    ]


def _today(services: Services, state: PageState) -> Mapping[str, DayNumbers]:
    """Return the numbers of the day of each query that has some."""
    session = state.session
    if services.today is None or state.status is None:
        return {}
    numbers = services.today.peek(session.time_zone)
    return numbers_of(numbers, session.camera, state.queries)


def _names(state: PageState) -> Part:
    """Return what queries are called on the page, for what scripts draw over images."""
    names = dict(state.names)
    return Part("names", tuple(names.items()), lambda: names)


def _trying(services: Services, state: PageState) -> Part:
    """Return what the script needs that tries queries before they are counted."""
    value = describe_trying(services, state)
    return Part("try_words", json.dumps(value, sort_keys=True), lambda: value)


def _teaching(state: PageState) -> Part:
    """Return the words of the window for teaching, and cameras to take frames of."""
    language = state.session.language
    cameras = tuple(camera.name for camera in state.cameras if camera.status is not None)
    value: JsonValue = {"words": asdict(teach_texts(language)), "cameras": list(cameras)}
    return Part("teaching", (language, cameras), lambda: value)


def _live_parts(state: PageState) -> list[Part]:
    camera, texts = state.camera, state.texts
    if camera is None:
        return []
    frame = state.latest.result.frame if state.latest else None
    shown = tools = ""
    if camera.status is not None:
        size_hw = frame.size_hw if frame else None
        shown = live_image(camera.name, camera.status.run_id, size_hw, texts)
        tools = draw_tools(camera.name, wall_texts(state.session.language))
    return [
        _html("image", shown),
        _html("overlay", overlay(camera, texts)),
        _html("bar", live_bar(camera, frame.index if frame else None, texts, tools)),
    ]


def _chart(services: Services, state: PageState) -> Part:
    """The chart is drawn anew when its newest point comes into another bin."""
    status, latest, texts = state.status, state.latest, state.texts
    if status is None:
        return _html("chart", "")
    zone, colours = ZoneInfo(state.session.time_zone), state.colours
    newest_s = latest.result.frame.captured_at.timestamp() if latest else 0.0
    step = int(newest_s / _chart_step_s(status))
    ended = None if is_live(status) else status.frames_counted

    def draw() -> JsonValue:
        history = services.fleet.history(status.camera)
        data = bin_history(history, [query.text for query in state.queries], colours)
        data = data and rename_series(data, state.names)
        title = card_title(texts.chart_title, aside=chart_legend(data, texts))
        html = title + counts_chart(data, zone, texts)
        return {"html": html, "points": chart_points(data, zone, texts)}

    look = (tuple(colours.items()), zone.key, state.session.language)
    version = (status.camera, status.run_id, look, step, ended)
    return Part("chart", version, draw)


def _chart_step_s(status: CameraStatus) -> float:
    """Return about the length of a bin in seconds, in steps so that it seldom changes."""
    longest_s = HISTORY_LENGTH / status.counted_fps if status.counted_fps > 0 else 0.0
    step_s = min(status.media_time_s, longest_s) / BINS
    return float(2 ** floor(log2(max(step_s, SHORTEST_CHART_STEP_S))))


def _report_parts(services: Services, state: PageState) -> list[Part]:
    session, status = state.session, state.status
    gallery = Part(
        "gallery",
        (session.camera, session.evidence, session.language, session.time_zone),
        lambda: draw_gallery(services.evidence, session),
    )
    selection = NewestSelection(session.camera, session.bucket, session.time_zone)
    counted = (status.run_id, status.state, status.frames_counted) if status else None
    newest = services.newest.peek(selection, counted)
    parts = [_html("report_title", card_title(state.texts.report_title)), gallery]
    if newest is not None:
        version = (newest.version, session.language)
        parts.append(Part("table", version, lambda: _table(services, state, newest)))
    return parts


def _table(services: Services, state: PageState, newest: NewestRows) -> str:
    texts = state.texts
    if newest.error:
        return empty(newest.error, "bad")
    if not newest.rows:
        return empty(texts.report_empty)
    may_have = services.evidence.may_have
    with_evidence = {
        row
        for row in newest.rows
        if row.max_count
        and any(
            may_have(row.camera, typed, row.bucket_start, row.bucket_end) for typed in row.typed
        )
    }
    return report_table(newest.rows, state.session.bucket, texts, with_evidence)
