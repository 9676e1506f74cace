"""The system view: its words; its scripts draw it and ask the REST API."""

from collections.abc import Mapping
from dataclasses import asdict

import gradio as gr

from ovd.domain.access import Role
from ovd.texts.page.system import system_texts
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import own_html


def build_system_panel() -> gr.HTML:
    """Lay out the system view; its scripts draw its parts, by role."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-system"):
        own_html("accounts.js")
        return own_html("system.js")


def describe_system(session: Session) -> Mapping[str, JsonValue]:
    """Return the words of the view, and what the session may see."""
    role = session.identity.role
    return {
        "words": asdict(system_texts(session.language)),
        "language": session.language.value,
        "tz": session.time_zone,
        "operator": role.includes(Role.OPERATOR),
        "admin": role.includes(Role.ADMIN),
    }
