"""The cameras view: its HTML, and the words that its scripts draw windows with."""

from dataclasses import asdict
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import gradio as gr

from ovd.domain.access import Role
from ovd.services.overview import Overview
from ovd.texts.page.cameras import CameraTexts, camera_texts
from ovd.ui.cameras.camera_cards import CardWords, ListedCamera, describe_load, draw_cards
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import own_html


def build_cameras_panel() -> gr.HTML:
    """Lay out the cameras view; its scripts draw the list and the windows."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-cameras"):
        own_html("area_canvas.js")
        own_html("camera_window.js")
        own_html("area_tabs.js")
        return own_html("cameras.js")


def draw_cameras(overview: Overview, session: Session, now: datetime) -> str:
    """Draw the list of all cameras that a session may see.

    Args:
        overview: How they stand.
        session: Whose view.
        now: The present, aware.
    """
    texts = camera_texts(session.language)
    words = CardWords(texts, session.texts, ZoneInfo(session.time_zone), now)
    load = describe_load(overview.capacity, texts)
    note = f'<p class="ovd-note">{escape(load)}</p>' if load else ""
    return f"{_heading(texts)}{note}{draw_cards(list_cameras(overview, session), words)}"


def list_cameras(overview: Overview, session: Session) -> tuple[ListedCamera, ...]:
    """Return the cameras that a session may see, by name."""
    statuses = {status.camera: status for status in overview.statuses}
    known = {camera.name: camera for camera in overview.cameras}
    return tuple(
        ListedCamera(name, known.get(name), statuses.get(name))
        for name in sorted({*statuses, *known})
        if session.identity.may_see(name)
    )


def describe_words(session: Session) -> dict[str, JsonValue]:
    """Return the words of the windows, and what the session may do."""
    role = session.identity.role
    return {
        "words": asdict(camera_texts(session.language)),
        "operator": role.includes(Role.OPERATOR),
        "admin": role.includes(Role.ADMIN),
    }


def _heading(texts: CameraTexts) -> str:
    buttons = (
        ("add", texts.add, "ovd-main operator"),
        ("import", texts.import_file, "ovd-plain admin"),
        ("export", texts.export_file, "ovd-plain admin"),
    )
    drawn = "".join(
        f'<button type="button" class="{kind}" data-camera-act="{act}">{escape(words)}</button>'
        for act, words, kind in buttons
    )
    return (
        f'<div class="ovd-title"><h2>{escape(texts.title)}</h2>'
        f'<div class="ovd-camera-tools">{drawn}</div></div>'
    )
