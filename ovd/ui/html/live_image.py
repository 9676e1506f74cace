"""The live image, what lies over it, and the bar below it."""

from html import escape
from pathlib import PurePath

from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus
from ovd.services.counting.capacity import is_slowed
from ovd.services.streaming.signal import NO_SIGNAL_STATES, has_signal
from ovd.texts.page import PageTexts
from ovd.ui.html.camera_state import ShownCamera, state_chip

NO_VALUE = "\u2013"


def _media_time(seconds: float) -> str:
    """Return media time as m:ss or h:mm:ss."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def _source_name(uri: str) -> str:
    """Name a source in few characters: the name of a file, a URL without its query string."""
    if "://" in uri:
        return uri.split("?", 1)[0]
    return PurePath(uri).name or uri


def live_image(camera: str, run_id: int, size_hw: tuple[int, int] | None, texts: PageTexts) -> str:
    """Draw the place of the live image, which `live_canvas.js` fills while it is visible."""
    height, width = size_hw or (3, 4)
    alt = escape(texts.live_alt.format(camera=camera))
    return (
        f'<canvas class="ovd-live-image" role="img" aria-label="{alt}" '
        f'data-live="{escape(camera)}" data-run="{run_id}" data-keep="{escape(camera)}:{run_id}'
        f':{width}x{height}" style="aspect-ratio:{width}/{height}"></canvas>'
    )


def overlay(row: ShownCamera, texts: PageTexts) -> str:
    """Draw what lies over the image: the state, and words where there is nothing to see."""
    message = _message(row, texts)
    time = "" if row.status is None else _media_time(row.status.media_time_s)
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


def _message(row: ShownCamera, texts: PageTexts) -> tuple[str, str, str] | None:
    status = row.status
    if status is None:
        return "idle", texts.live_idle_title.format(camera=row.name), texts.live_idle_text
    counted = texts.live_done_text.format(frames=f"{status.frames_counted:,}")
    if status.state is RunStatus.RUNNING:
        if status.health.state in NO_SIGNAL_STATES:
            return "bad", texts.live_no_signal, status.health.detail
        if status.frame_age_s is None:
            return "idle", texts.live_waiting, status.error or _source_name(status.uri)
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


def live_bar(row: ShownCamera, frame_index: int | None, texts: PageTexts, tools: str = "") -> str:
    """Draw progress, facts about the run, and the button that stops or starts it.

    Args:
        row: The camera.
        frame_index: Index of its newest frame; None before the first.
        texts: The words.
        tools: HTML of what follows, such as switches for what lies over the image.
    """
    status = row.status
    facts = [(texts.source, _source_name(row.uri), row.uri)]
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
        f"{escape(words)}</button></div>{tools}"
    )


def _run_facts(status: CameraStatus, texts: PageTexts) -> list[tuple[str, str, str]]:
    facts = [(texts.frames_counted, f"{status.frames_counted:,}", "")]
    if status.state is RunStatus.RUNNING:
        age = NO_VALUE if status.frame_age_s is None else f"{status.frame_age_s:.1f}"
        facts.append((texts.rate, _rate(status, texts), ""))
        facts.append((texts.frame_age, texts.seconds.format(value=age), ""))
        if status.health.reconnects:
            facts.append((texts.reconnects, f"{status.health.reconnects:,}", ""))
    return facts


def _rate(status: CameraStatus, texts: PageTexts) -> str:
    rate = texts.per_second.format(value=f"{status.counted_fps:.1f}")
    if not is_slowed(status):
        return rate
    return texts.rate_slowed.format(rate=rate, wanted=f"{status.wanted_fps:.1f}")


def _progress(status: CameraStatus, frame_index: int | None) -> str:
    total = status.frame_count
    if not total or frame_index is None or frame_index >= total:
        return ""
    share = 1.0 if status.state is RunStatus.DONE else (frame_index + 1) / total
    return f'<div class="ovd-progress"><i style="width:{share:.1%}"></i></div>'
