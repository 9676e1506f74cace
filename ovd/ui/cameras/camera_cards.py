"""The list of all cameras, one card each: still, state, rate, queries, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from ovd.domain.cameras import Camera
from ovd.domain.ports import CameraStatus, Capacity
from ovd.domain.records import RunStatus
from ovd.language.korean.names import name_query
from ovd.services.streaming.signal import has_signal
from ovd.texts.page import PageTexts
from ovd.texts.page.cameras import CameraTexts, language_of
from ovd.ui.html.camera_state import is_live, state_chip

# The rate at which the view says how many more cameras the machine can count.
CAMERA_FPS = 2.0
_MINUTE_S, _HOUR_S = 60, 3600
# A frame that is younger is called new: the number would change with every look.
_NEW_S = 3.0
_CAMERA_ICON = (
    '<svg viewBox="0 0 32 24" width="48" height="36" aria-hidden="true" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linejoin="round">'
    '<rect x="2" y="5" width="19" height="14" rx="2"/><path d="m21 10 9-5v14l-9-5z"/></svg>'
)


@dataclass(frozen=True)
class ListedCamera:
    """A camera of the list.

    Attributes:
        name: Its name.
        camera: As the database knows it; None for one that only the fleet has.
        status: How it stands in the fleet; None where it is not there.
    """

    name: str
    camera: Camera | None
    status: CameraStatus | None

    @property
    def is_running(self) -> bool:
        """Return whether it is counted now, or is to be as soon as it answers."""
        if self.status is not None:
            return self.status.state in (RunStatus.RUNNING, RunStatus.INTERRUPTED)
        return self.camera is not None and self.camera.enabled


@dataclass(frozen=True)
class CardWords:
    """The words of the cards, and the clock that times are told by.

    Attributes:
        texts: Words of this view.
        page: Words of the page, for states.
        zone: Zone of times.
        now: The present, aware.
    """

    texts: CameraTexts
    page: PageTexts
    zone: ZoneInfo
    now: datetime


def draw_cards(cameras: Sequence[ListedCamera], words: CardWords) -> str:
    """Draw a card for each camera, or what to do while there is none.

    Args:
        cameras: In the order of drawing.
        words: The words.
    """
    if not cameras:
        title, text = escape(words.texts.none_title), escape(words.texts.none_text)
        return f'<div class="ovd-empty"><strong>{title}</strong><span>{text}</span></div>'
    cards = "".join(_card(camera, words) for camera in cameras)
    return f'<ul class="ovd-camera-cards">{cards}</ul>'


def describe_load(load: Capacity, texts: CameraTexts) -> str:
    """Return what the machine counts and how many more cameras fit; empty while unknown."""
    if load.frames_per_s is None:
        return ""
    sentences = [
        texts.load.format(speed=f"{load.frames_per_s:.0f}", wanted=f"{load.wanted_fps:.0f}")
    ]
    free = int(max(load.frames_per_s - load.wanted_fps, 0.0) / CAMERA_FPS)
    room = texts.load_free if free else texts.load_full
    sentences.append(room.format(fps=f"{CAMERA_FPS:g}", cameras=f"{free:,}"))
    if load.slowed:
        sentences.append(texts.load_slowed.format(names=", ".join(load.slowed)))
    return " ".join(sentences)


def _card(camera: ListedCamera, words: CardWords) -> str:
    texts, name = words.texts, escape(camera.name)
    facts = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in _facts(camera, words)
    )
    return (
        f'<li class="ovd-camera-card" data-camera="{name}">'
        f'<div class="still">{_still(camera, texts)}'
        f"{state_chip(camera.status, words.page)}</div>"
        f'<div class="body"><h3>{name}</h3>{_problem(camera, words)}<dl>{facts}</dl>'
        f"{_actions(camera, texts)}</div></li>"
    )


def _still(camera: ListedCamera, texts: CameraTexts) -> str:
    name, status = escape(camera.name), camera.status
    if status is None or not status.frames_counted:
        return f'<div class="none">{_CAMERA_ICON}<small>{escape(texts.no_still)}</small></div>'
    alt = escape(texts.still_of.format(name=camera.name))
    keep = f"still-{name}:{status.run_id}:{alt}"
    return f'<img data-still="{name}" data-keep="{keep}" alt="{alt}">'


def _facts(camera: ListedCamera, words: CardWords) -> list[tuple[str, str]]:
    texts, status = words.texts, camera.status
    facts = []
    if status is not None and is_live(status):
        counted = f"{status.counted_fps:.1f}"
        rate = texts.rate_all.format(counted=counted)
        if status.wanted_fps is not None:
            rate = texts.rate_of.format(counted=counted, wanted=f"{status.wanted_fps:g}")
        facts.append((texts.rate, rate))
    if camera.is_running and status is not None and status.frame_age_s is not None:
        facts.append((texts.age, describe_age(status.frame_age_s, texts)))
    facts.append((texts.asked, _asked(camera, texts)))
    return facts


def _asked(camera: ListedCamera, texts: CameraTexts) -> str:
    language = language_of(texts)
    if camera.camera is not None and camera.camera.queries:
        # How they are read is known while the camera is counted.
        running = camera.status.queries if camera.status is not None else ()
        readings = {query.text: query.read_as for query in running}
        names = [
            (query.text, readings.get(query.text, query.text)) for query in camera.camera.queries
        ]
    elif camera.status is not None and camera.status.queries:
        names = [(query.text, query.read_as) for query in camera.status.queries]
    else:
        return texts.asked_saved
    return ", ".join(name_query(text, reading, language) for text, reading in names)


def describe_age(age_s: float, texts: CameraTexts) -> str:
    """Return in words how long ago something was."""
    if age_s < _NEW_S:
        return texts.age_now
    if age_s < _MINUTE_S:
        return texts.age_s.format(count=round(age_s))
    if age_s < _HOUR_S:
        return texts.age_min.format(count=int(age_s // _MINUTE_S))
    return texts.age_h.format(count=int(age_s // _HOUR_S))


def _problem(camera: ListedCamera, words: CardWords) -> str:
    """Draw why a camera delivers nothing, and since when."""
    texts, status = words.texts, camera.status
    sentences = []
    if camera.camera is not None and not camera.camera.complete:
        sentences.append(texts.needs_login)
    if status is not None and not has_signal(status):
        sentences.append(_lost(status, words))
    if status is not None and (status.error or status.health.detail):
        sentences.append(status.error or status.health.detail)
    text = " · ".join(sentences)
    return f'<p class="bad">{escape(text)}</p>' if text else ""


def _lost(status: CameraStatus, words: CardWords) -> str:
    if status.frame_age_s is None:
        return words.texts.never_seen
    since = (words.now - timedelta(seconds=status.frame_age_s)).astimezone(words.zone)
    today = since.date() == words.now.astimezone(words.zone).date()
    return words.texts.lost_since.format(
        time=f"{since:%H:%M:%S}" if today else f"{since:%m-%d %H:%M}"
    )


def _actions(camera: ListedCamera, texts: CameraTexts) -> str:
    switch = ("stop", texts.stop, texts.stop_of)
    if not camera.is_running:
        switch = ("start", texts.start, texts.start_of)
    buttons = (
        ("show", texts.show, texts.show_of, ""),
        (*switch, "operator"),
        ("edit", texts.edit, texts.edit_of, "operator"),
    )
    drawn = "".join(
        f'<button type="button" class="{role}" data-camera-act="{act}" '
        f'aria-label="{escape(label.format(name=camera.name))}">{escape(words)}</button>'
        for act, words, label, role in buttons
    )
    return f'<div class="actions">{drawn}</div>'
