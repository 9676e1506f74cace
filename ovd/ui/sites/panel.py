"""The sites view: its words; its scripts draw it and ask the REST API."""

from collections.abc import Mapping
from dataclasses import asdict

import gradio as gr

from ovd.domain.access import Role
from ovd.texts.page.sites import sites_texts
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import own_html


def build_sites_panel() -> None:
    """Lay out the sites view; its scripts draw the sites, the chart and the windows."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-sites"):
        own_html("site_window.js")
        own_html("site_chart.js")
        own_html("sites.js")


def describe_sites(session: Session) -> Mapping[str, JsonValue]:
    """Return the words of the view, and what the session may do."""
    role = session.identity.role
    return {
        "words": asdict(sites_texts(session.language)),
        "language": session.language.value,
        "tz": session.time_zone,
        "operator": role.includes(Role.OPERATOR),
        "admin": role.includes(Role.ADMIN),
    }
