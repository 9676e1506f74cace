"""The try view: its place on the page, and what its script works with."""

from dataclasses import asdict

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.access import Role
from ovd.model.backends import BACKENDS
from ovd.texts.page.trying import try_texts
from ovd.ui.json_value import JsonValue
from ovd.ui.page_state import PageState
from ovd.ui.theme import own_html


def build_try_panel() -> None:
    """Lay out the view; its script draws it, and asks the REST API."""
    with gr.Column(elem_classes="ovd-card", elem_id="ovd-try"):
        own_html("try.js")


def describe_trying(services: Services, state: PageState) -> dict[str, JsonValue]:
    """Return the words, and what queries can be tried on and with.

    Args:
        services: Which detectors are installed.
        state: Which cameras may be seen.
    """
    session, settings = state.session, services.settings
    detectors: list[JsonValue] = [
        {"name": spec.name, "in_use": spec.name == settings.detector}
        for spec in BACKENDS
        if spec.is_installed(settings.weights_dir, settings.models_folder)
    ]
    return {
        "words": asdict(try_texts(session.language)),
        "cameras": [camera.name for camera in state.cameras if camera.status is not None],
        "detectors": detectors,
        "operator": session.identity.role.includes(Role.OPERATOR),
    }
