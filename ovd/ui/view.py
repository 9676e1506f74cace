"""Domain values to HTML and text: pure functions, every user text escaped."""

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import PurePath

from ovd.domain.live import SourceState
from ovd.domain.records import RunStatus, StoreHealth, StoreState
from ovd.services.counting.capacity import Capacity, is_slowed
from ovd.services.counting.worker import CameraStatus
from ovd.services.reports.rows import ReportRow
from ovd.texts.page import LANGUAGE_NAMES, Texts
from ovd.ui.session import Session

NO_SIGNAL_S = 5.0
NO_SIGNAL_FRAMES = 4.0
NO_COUNT = "\u2013"

_NO_SIGNAL = (SourceState.AWAY, SourceState.FROZEN, SourceState.BLIND)
_STATE_CLASS = {
    RunStatus.RUNNING: "ok",
    RunStatus.DONE: "done",
    RunStatus.STOPPED: "idle",
    RunStatus.LOST: "bad",
    RunStatus.FAILED: "bad",
    RunStatus.INTERRUPTED: "warn",
}


@dataclass(frozen=True)
class CameraRow:
    """A camera in the header: of the fleet, or one that only the store remembers.

    Attributes:
        name: Name of the camera.
        uri: Where it is read from, credentials removed.
        status: How it stands in the fleet, None when it is not there.
    """

    name: str
    uri: str
    status: CameraStatus | None


def has_signal(status: CameraStatus) -> bool:
    """Whether a running camera still delivers frames, judged by the pace it had before."""
    if status.state is RunStatus.RUNNING and status.health.state in _NO_SIGNAL:
        return False
    if status.state is not RunStatus.RUNNING or status.frame_age_s is None:
        return True
    usual = NO_SIGNAL_FRAMES / status.counted_fps if status.counted_fps > 0 else 0.0
    return status.frame_age_s <= max(NO_SIGNAL_S, usual)


def card_title(title: str, text: str = "", aside: str = "") -> str:
    """Heading of a card.

    Args:
        title: The heading.
        text: A sentence beside it.
        aside: HTML at the far end.
    """
    more = f"<p>{escape(text)}</p>" if text else ""
    return f'<div class="ovd-title"><h2>{escape(title)}</h2>{more}{aside}</div>'


def empty(text: str, kind: str = "") -> str:
    """A card's content when there is nothing to show."""
    return f'<div class="ovd-empty {kind}"><span>{escape(text)}</span></div>'


def is_live(status: CameraStatus) -> bool:
    """Whether a camera is being counted and delivers frames."""
    return status.state is RunStatus.RUNNING and has_signal(status)


def state_of(status: CameraStatus | None, texts: Texts) -> tuple[str, str]:
    """CSS class and words for how a camera stands."""
    if status is None:
        return "idle", texts.state_idle
    if not has_signal(status):
        return "bad", texts.live_no_signal
    if status.state is RunStatus.RUNNING and status.frame_age_s is None:
        return "warn", texts.state_connecting
    words = {
        RunStatus.RUNNING: texts.state_running,
        RunStatus.DONE: texts.state_done,
        RunStatus.STOPPED: texts.state_stopped,
        RunStatus.LOST: texts.state_lost,
        RunStatus.FAILED: texts.state_failed,
        RunStatus.INTERRUPTED: texts.state_interrupted,
    }
    return _STATE_CLASS[status.state], words[status.state]


def state_chip(status: CameraStatus | None, texts: Texts) -> str:
    """The state of a camera as a coloured chip with words."""
    kind, words = state_of(status, texts)
    return f'<span class="ovd-chip {kind}"><i></i>{escape(words)}</span>'


def clock(seconds: float) -> str:
    """Media time as m:ss or h:mm:ss."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def source_name(uri: str) -> str:
    """A source in few characters: the name of a file, a URL without its query string."""
    if "://" in uri:
        return uri.split("?", 1)[0]
    return PurePath(uri).name or uri


def header(rows: Sequence[CameraRow], session: Session, adding: bool) -> str:
    """Product name, cameras, language and theme switch.

    Args:
        rows: Cameras to choose from.
        session: Whose header it is; `header.js` keeps its camera and language in the address.
        adding: Whether the form for starting a camera is open.
    """
    texts, language, selected = session.texts, session.language, session.camera
    cameras = "".join(_camera_tab(row, row.name == selected and not adding, texts) for row in rows)
    languages = "".join(
        f'<button type="button" data-event="choose_language" data-value="{code.value}" '
        f'lang="{code.value}" aria-pressed="{str(code is language).lower()}">{name}</button>'
        for code, name in LANGUAGE_NAMES.items()
    )
    add = (
        f'<button type="button" class="ovd-tab add" data-event="open_form" '
        f'aria-pressed="{str(adding).lower()}"><b>+</b>{escape(texts.add_camera)}</button>'
    )
    return (
        f'<header class="ovd-header" lang="{language.value}" data-camera="{escape(selected)}" '
        f'data-begun="{str(session.begun).lower()}">'
        f'<div class="ovd-brand">{_LOGO}<div><strong>ovd</strong>'
        f"<span>{escape(texts.tagline)}</span></div></div>"
        f'<nav class="ovd-cameras" aria-label="{escape(texts.cameras)}">{cameras}'
        f"{add if rows else ''}</nav>"
        f'<div class="ovd-switches"><div class="ovd-segments" role="group" '
        f'aria-label="{escape(texts.language)}">{languages}</div>'
        f'<button type="button" class="ovd-theme" data-theme-toggle '
        f'aria-label="{escape(texts.theme)}" title="{escape(texts.theme)}">{_THEME_ICON}</button>'
        f'</div><div class="ovd-offline" role="alert">{escape(texts.offline)}</div></header>'
    )


def _camera_tab(row: CameraRow, selected: bool, texts: Texts) -> str:
    kind, words = state_of(row.status, texts)
    name = escape(row.name)
    return (
        f'<button type="button" class="ovd-tab" data-event="pick_camera" data-value="{name}" '
        f'aria-pressed="{str(selected).lower()}" title="{name}: {escape(words)}">'
        f'<i class="dot {kind}"></i><span>{name}</span><small>{escape(words)}</small></button>'
    )


def picture(camera: str, run_id: int, size_hw: tuple[int, int] | None, texts: Texts) -> str:
    """The live stream of a camera; `picture.js` connects it while the page is visible."""
    height, width = size_hw or (3, 4)
    alt = escape(texts.live_alt.format(camera=camera))
    return (
        f'<img class="ovd-picture" alt="{alt}" data-camera="{escape(camera)}" '
        f'data-run="{run_id}" style="aspect-ratio:{width}/{height}">'
    )


def overlay(row: CameraRow, texts: Texts) -> str:
    """What lies over the picture: the state, and words where there is nothing to see."""
    message = _message(row, texts)
    time = "" if row.status is None else clock(row.status.media_time_s)
    head = (
        f'<div class="ovd-overlay-top">{state_chip(row.status, texts)}'
        f'<span class="ovd-time">{time}</span></div>'
    )
    if message is None:
        return head
    kind, title, text = message
    return (
        f'{head}<div class="ovd-message {kind}" role="status"><strong>{escape(title)}</strong>'
        f"<span>{escape(text)}</span></div>"
    )


def _message(row: CameraRow, texts: Texts) -> tuple[str, str, str] | None:
    status = row.status
    if status is None:
        return "idle", texts.live_idle_title.format(camera=row.name), texts.live_idle_text
    counted = texts.live_done_text.format(frames=f"{status.frames_counted:,}")
    if status.state is RunStatus.RUNNING:
        if status.health.state in _NO_SIGNAL:
            return "bad", texts.live_no_signal, status.health.detail
        if status.frame_age_s is None:
            return "idle", texts.live_waiting, status.error or source_name(status.uri)
        if not has_signal(status):
            age = f"{status.frame_age_s:.0f}"
            return "bad", texts.live_no_signal, texts.live_no_signal_text.format(seconds=age)
        return None
    return {
        RunStatus.DONE: ("done", texts.live_done, counted),
        RunStatus.LOST: ("bad", texts.live_lost, status.error),
        RunStatus.FAILED: ("bad", texts.live_failed, status.error),
        RunStatus.INTERRUPTED: ("bad", texts.state_interrupted, status.error),
    }.get(status.state, ("idle", texts.live_stopped, counted))


def live_bar(row: CameraRow, frame_index: int | None, texts: Texts) -> str:
    """Progress, facts about the run, and the button that stops or starts it."""
    status = row.status
    facts = [(texts.source, source_name(row.uri), row.uri)]
    progress = ""
    if status is not None:
        facts = _run_facts(status, texts) + facts
        progress = _progress(status, frame_index)
    cells = "".join(
        f'<div><dt>{escape(name)}</dt><dd title="{escape(hint)}">{escape(value)}</dd></div>'
        for name, value, hint in facts
    )
    running = status is not None and status.state is RunStatus.RUNNING
    event, words = ("stop_counting", texts.stop) if running else ("start_again", texts.start_again)
    return (
        f'{progress}<div class="ovd-bar"><dl class="ovd-facts">{cells}</dl>'
        f'<button type="button" class="ovd-button {event}" data-event="{event}">'
        f"{escape(words)}</button></div>"
    )


def _run_facts(status: CameraStatus, texts: Texts) -> list[tuple[str, str, str]]:
    facts = [(texts.frames_counted, f"{status.frames_counted:,}", "")]
    if status.state is RunStatus.RUNNING:
        age = NO_COUNT if status.frame_age_s is None else f"{status.frame_age_s:.1f}"
        facts.append((texts.rate, _rate(status, texts), ""))
        facts.append((texts.frame_age, texts.seconds.format(value=age), ""))
        if status.health.reconnects:
            facts.append((texts.reconnects, f"{status.health.reconnects:,}", ""))
    return facts


def _rate(status: CameraStatus, texts: Texts) -> str:
    rate = texts.per_second.format(value=f"{status.counted_fps:.1f}")
    if not is_slowed(status):
        return rate
    return texts.rate_slowed.format(rate=rate, wanted=f"{status.wanted_fps:.1f}")


def capacity(load: Capacity, fps: float, texts: Texts) -> str:
    """How many cameras this machine can count at a rate; empty while that is unknown."""
    cameras = load.cameras_at(fps)
    if load.frames_per_s is None or cameras is None:
        return ""
    return texts.capacity.format(
        speed=f"{load.frames_per_s:.0f}", cameras=f"{cameras:,}", fps=f"{fps:g}"
    )


def _progress(status: CameraStatus, frame_index: int | None) -> str:
    total = status.frame_count
    if not total or frame_index is None or frame_index >= total:
        return ""
    share = 1.0 if status.state is RunStatus.DONE else (frame_index + 1) / total
    return f'<div class="ovd-progress"><i style="width:{share:.1%}"></i></div>'


def store_notice(health: StoreHealth, texts: Texts) -> str:
    """A line that says what is wrong with the store; nothing when nothing is."""
    if health.state is StoreState.GOOD:
        return ""
    if health.state is StoreState.FAILING:
        words = texts.store_failing.format(queued=f"{health.queued:,}", detail=health.detail)
        return f'<p class="ovd-store bad" role="alert">{escape(words)}</p>'
    words = texts.store_low.format(free=f"{(health.free_bytes or 0) / 1e6:,.0f}")
    return f'<p class="ovd-store" role="status">{escape(words)}</p>'


def report_table(
    rows: Sequence[ReportRow], bucket: str, texts: Texts, pictured: Container[ReportRow] = ()
) -> str:
    """Rows of a report, in the order given; what was not observed has no numbers.

    Args:
        rows: At least one row.
        bucket: A name of `ovd.services.reports.buckets.BUCKETS`; says how precise times are.
        texts: The words.
        pictured: Rows of which there may be pictures; their highest count shows them.
    """
    heads = (
        (texts.column_time, ""),
        (texts.column_query, ""),
        (texts.column_mean, "number"),
        (texts.column_max, "number"),
        (texts.column_samples, "number wide"),
        (texts.column_coverage, "number"),
    )
    head = "".join(f'<th class="{kind}" scope="col">{escape(name)}</th>' for name, kind in heads)
    body = "".join(
        _report_rows(list(group), _TIME_FORMAT[bucket], texts, pictured)
        for _, group in groupby(rows, key=lambda row: row.bucket_start)
    )
    return (
        f'<div class="ovd-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        f'</table></div><p class="ovd-note">{escape(texts.report_note)}</p>'
    )


def _report_rows(
    rows: Sequence[ReportRow], time_format: str, texts: Texts, pictured: Container[ReportRow]
) -> str:
    """Rows of one stretch of time, which is named once."""
    time = f'<th scope="rowgroup" rowspan="{len(rows)}">{rows[0].bucket_start:{time_format}}</th>'
    lines = [_report_cells(row, texts, row in pictured) for row in rows]
    return f"<tr>{time}" + "</tr><tr>".join(lines) + "</tr>"


def _report_cells(row: ReportRow, texts: Texts, pictured: bool) -> str:
    query = escape(row.query)
    name = f'<td class="query" title="{query}">{query}</td>'
    if row.mean_count is None or row.max_count is None:
        return f'{name}<td class="unseen" colspan="4">{escape(texts.not_observed)}</td>'
    most = _picture_button(row, texts) if pictured else f"{row.max_count:,}"
    return (
        f"{name}"
        f'<td class="number">{row.mean_count:.2f}</td>'
        f'<td class="number">{most}</td>'
        f'<td class="number wide">{row.samples:,}</td>'
        f'<td class="number">{row.coverage:.0%}</td>'
    )


def _picture_button(row: ReportRow, texts: Texts) -> str:
    stretch = [row.query, row.bucket_start.isoformat(), row.bucket_end.isoformat()]
    return (
        f'<button type="button" class="pictures" data-event="show_evidence" '
        f'data-value="{escape(json.dumps(stretch))}" title="{escape(texts.evidence_show)}">'
        f"{row.max_count:,}</button>"
    )


_TIME_FORMAT = {
    "1s": "%Y-%m-%d %H:%M:%S",
    "1m": "%Y-%m-%d %H:%M",
    "15m": "%Y-%m-%d %H:%M",
    "1h": "%Y-%m-%d %H:%M",
    "1d": "%Y-%m-%d",
}
_LOGO = (
    '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
    '<rect width="32" height="32" rx="8" class="logo-ground"/>'
    '<path d="M7 12V8.5A1.5 1.5 0 0 1 8.5 7H12M20 7h3.5A1.5 1.5 0 0 1 25 8.5V12M25 20v3.5'
    'a1.5 1.5 0 0 1-1.5 1.5H20M12 25H8.5A1.5 1.5 0 0 1 7 23.5V20" class="logo-frame"/>'
    '<circle cx="16" cy="16" r="3.6" class="logo-dot"/></svg>'
)
_THEME_ICON = (
    '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">'
    '<circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    '<path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"/></svg>'
)
