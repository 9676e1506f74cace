"""The reports view: its words; its scripts draw it and ask the REST API."""

from collections.abc import Mapping
from dataclasses import asdict

import gradio as gr

from ovd.domain.access import Role
from ovd.texts.page.reports import reports_view_texts
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import own_html


def build_reports_panel() -> gr.HTML:
    """Lay out the reports view; its scripts draw the form, the preview and the schedules."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-reports"):
        own_html("schedule_window.js")
        return own_html("reports.js")


def describe_reports(session: Session) -> Mapping[str, JsonValue]:
    """Return the words of the view, and what the session may do."""
    return {
        "words": asdict(reports_view_texts(session.language)),
        "language": session.language.value,
        "tz": session.time_zone,
        "admin": session.identity.role.includes(Role.ADMIN),
    }
