"""The tiles of a wall as HTML: pure functions, every text of users escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.language.korean.names import name_query
from ovd.services.history.today import DayNumbers
from ovd.texts.page import PageTexts, language_of
from ovd.texts.page.wall import WallTexts
from ovd.ui.html.camera_state import ShownCamera, is_live, state_of
from ovd.ui.html.query_list import NO_COUNT
from ovd.ui.html.swatch import swatch
from ovd.ui.wall.selection import LAYOUTS, WallSelection

MOST_ROWS = 4
_ICONS = {
    "snapshot": '<path d="M4 7h3l1.4-2h3.2L13 7h3v9H4z"/><circle cx="10" cy="11.4" r="2.6"/>',
    "full": '<path d="M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4"/>',
}


@dataclass(frozen=True)
class Tile:
    """The content of one tile.

    Attributes:
        camera: The camera.
        queries: What is counted.
        colours: CSS colour of each supported query by its text.
        counts: Newest count by query text.
        today: Numbers of the day by query text.
        size_hw: Size of its frames; None before the first.
    """

    camera: ShownCamera
    queries: tuple[Query, ...]
    colours: Mapping[str, str]
    counts: Mapping[str, int]
    today: Mapping[str, DayNumbers]
    size_hw: tuple[int, int] | None


@dataclass(frozen=True)
class WallWords:
    """The words of tiles, and the clock of the tab."""

    page: PageTexts
    wall: WallTexts
    zone: ZoneInfo
    now: datetime


def icon(name: str) -> str:
    """Draw an icon of a button."""
    return (
        '<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" '
        f'stroke="currentColor" stroke-width="1.6">{_ICONS[name]}</svg>'
    )


def draw_wall(cameras: Sequence[str], selection: WallSelection, texts: WallTexts) -> str:
    """Draw the bar above the wall, and a place for each tile, which its part fills."""
    shown = selection.shown(cameras)
    places = "".join(
        f'<article class="ovd-tile-place" data-tile="{escape(name)}" data-keep="{escape(name)}">'
        "</article>"
        for name in shown
    )
    if not cameras:
        places = f'<div class="ovd-empty">{escape(texts.empty)}</div>'
    return (
        f'<div class="ovd-wall-bar">{_layouts(selection, texts)}'
        f"{_pager(len(cameras), selection, texts)}{draw_switches(texts)}"
        f'<button type="button" class="ovd-tool" data-fullscreen=".ovd-wall" '
        f'aria-label="{escape(texts.full_screen)}" title="{escape(texts.full_screen)}">'
        f"{icon('full')}</button></div>"
        f'<div class="ovd-wall-grid tiles-{selection.tiles}">{places}</div>'
    )


def draw_switches(texts: WallTexts) -> str:
    """Draw the switches for what lies over images; the browser keeps their state."""
    words = (("boxes", texts.boxes), ("ids", texts.ids), ("zones", texts.zones))
    buttons = "".join(
        f'<button type="button" data-show="{kind}" data-keep="show-{kind}-{escape(name)}" '
        f'aria-pressed="true">{escape(name)}</button>'
        for kind, name in words
    )
    return (
        f'<div class="ovd-segments ovd-switch" role="group" aria-label="{escape(texts.show)}">'
        f"{buttons}</div>"
    )


def draw_tools(camera: str, texts: WallTexts) -> str:
    """Draw the switches, and what else can be done with the image of one camera."""
    name = escape(camera)
    return (
        f'<div class="ovd-tools">{draw_switches(texts)}{_buttons(name, ".ovd-screen", texts)}</div>'
    )


def _buttons(name: str, shown: str, texts: WallTexts) -> str:
    """Draw the buttons that save an image, and that show the element `shown` alone."""
    snapshot, full = texts.snapshot.format(camera=name), escape(texts.full_screen)
    return (
        f'<button type="button" class="ovd-tool" data-snapshot="{name}" '
        f'aria-label="{snapshot}" title="{snapshot}">{icon("snapshot")}</button>'
        f'<button type="button" class="ovd-tool" data-fullscreen="{shown}" '
        f'aria-label="{full}" title="{full}">{icon("full")}</button>'
    )


def _layouts(selection: WallSelection, texts: WallTexts) -> str:
    buttons = "".join(
        f'<button type="button" data-event="choose_wall" data-value="{number}" '
        f'aria-pressed="{str(number == selection.tiles).lower()}" '
        f'aria-label="{escape(texts.tiles.format(number=number))}">{number}</button>'
        for number in LAYOUTS
    )
    return (
        f'<div class="ovd-segments" role="group" aria-label="{escape(texts.wall)}">{buttons}</div>'
    )


def _pager(cameras: int, selection: WallSelection, texts: WallTexts) -> str:
    if selection.pages(cameras) == 1:
        return ""
    first = min(selection.page, selection.pages(cameras) - 1) * selection.tiles
    last = min(first + selection.tiles, cameras)
    shown = texts.page.format(first=first + 1, last=last, all=cameras)
    before, after = (
        f'<button type="button" class="ovd-tool" data-event="choose_wall" data-value="{value}" '
        f'aria-label="{escape(words)}" title="{escape(words)}">{sign}</button>'
        for value, words, sign in (
            ("before", texts.before, "\u2039"),
            ("after", texts.after, "\u203a"),
        )
    )
    return f'<div class="ovd-pager">{before}<span>{escape(shown)}</span>{after}</div>'


def draw_tile(tile: Tile, words: WallWords) -> str:
    """Draw one tile: image, state, age, counts now and of the day."""
    camera, status = tile.camera, tile.camera.status
    kind, state = state_of(status, words.page)
    name, texts = escape(camera.name), words.wall
    open_words = escape(texts.open.format(camera=camera.name, state=state))
    return (
        f'<div class="ovd-tile {kind}"><button type="button" class="ovd-tile-open" '
        f'data-event="pick_camera" data-value="{name}" aria-label="{open_words}">'
        f"{_screen(tile)}"
        f'<span class="ovd-overlay-top"><span class="ovd-state {kind}"><i></i>{escape(state)}'
        f"</span>{_age(tile, texts)}</span>{_trouble(camera, words)}</button>"
        f'<div class="ovd-tile-foot"><div class="ovd-tile-head"><strong title="{name}">{name}'
        f"</strong>{_buttons(name, '.ovd-tile', texts)}</div>{_rows(tile, words)}</div></div>"
    )


def _screen(tile: Tile) -> str:
    status = tile.camera.status
    height, width = tile.size_hw or (9, 16)
    if status is None or tile.size_hw is None:
        return '<span class="ovd-tile-screen"></span>'
    name = escape(tile.camera.name)
    return (
        f'<span class="ovd-tile-screen"><canvas data-live="{name}" data-run="{status.run_id}" '
        f'aria-hidden="true" data-keep="{name}:{status.run_id}:{width}x{height}"></canvas></span>'
    )


def _age(tile: Tile, texts: WallTexts) -> str:
    status = tile.camera.status
    if status is None or status.state is not RunStatus.RUNNING:
        return ""
    name = escape(tile.camera.name)
    return (
        f'<span class="ovd-time" data-age-of="{name}" data-words="{escape(texts.age)}" '
        f'data-keep="age-{name}-{escape(texts.age)}"></span>'
    )


def _trouble(camera: ShownCamera, words: WallWords) -> str:
    """Draw since when a camera shows nothing, where it should."""
    status = camera.status
    if status is None:
        return ""
    kind, state = state_of(status, words.page)
    if kind != "bad":
        return ""
    since = ""
    if status.frame_age_s is not None:
        at = (words.now - timedelta(seconds=status.frame_age_s)).astimezone(words.zone)
        since = words.wall.lost_today.format(time=describe_time(at, words))
    detail = status.health.detail or status.error
    return (
        f'<span class="ovd-message bad"><strong>{escape(since or state)}</strong>'
        f"<span>{escape(detail)}</span></span>"
    )


def describe_time(at: datetime, words: WallWords) -> str:
    """Return a time of today by its clock, an earlier one with its day."""
    is_today = at.date() == words.now.astimezone(words.zone).date()
    return f"{at:%H:%M}" if is_today else f"{at:%Y-%m-%d %H:%M}"


def _rows(tile: Tile, words: WallWords) -> str:
    texts = words.wall
    if not tile.queries:
        return f'<p class="ovd-note">{escape(texts.nothing)}</p>'
    status = tile.camera.status
    live = status is not None and is_live(status)
    rows = "".join(_row(tile, query, live, words) for query in tile.queries[:MOST_ROWS])
    left = len(tile.queries) - MOST_ROWS
    more = texts.more.format(count=left) if left > 0 else ""
    return f'<ul class="ovd-tile-rows">{rows}</ul><p class="ovd-note">{escape(more)}</p>'


def _row(tile: Tile, query: Query, live: bool, words: WallWords) -> str:
    text = escape(query.text)
    count = tile.counts.get(query.text) if query.supported else None
    shown = NO_COUNT if count is None else f"{count:,}"
    name = escape(name_query(query.text, query.read_as, language_of(words.page)))
    return (
        f'<li>{swatch(tile.colours, query.text)}<span title="{text}">{name}</span>'
        f'<b class="{"" if live else "old"}">{shown}</b>'
        f"{draw_day(tile.today.get(query.text), words.wall)}</li>"
    )


def draw_day(numbers: DayNumbers | None, texts: WallTexts) -> str:
    """Draw the numbers of the day: crossings where there are lines, else different objects."""
    if numbers is None:
        return "<small></small>"
    if numbers.crossed_in is not None:
        crossed = f"\u2192 {numbers.crossed_in:,} \u2190 {numbers.crossed_out or 0:,}"
        hint = f"{texts.in_today}, {texts.out_today}"
        words = escape(_crossed(numbers, texts))
        return f'<small role="img" title="{escape(hint)}" aria-label="{words}">{crossed}</small>'
    if numbers.unique is None:
        return "<small></small>"
    return f"<small>{escape(texts.unique_today.format(count=f'{numbers.unique:,}'))}</small>"


def _crossed(numbers: DayNumbers, texts: WallTexts) -> str:
    return f"{numbers.crossed_in} {texts.in_today}, {numbers.crossed_out} {texts.out_today}"
