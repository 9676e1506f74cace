"""The live picture of the chosen camera with its state and facts."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ovd.ui import view
from ovd.ui.scene import Scene
from ovd.ui.theme import own_html


@dataclass(frozen=True, eq=False)
class LivePanel:
    """Components of the picture; hidden while a camera is being set up."""

    group: gr.Column
    picture: gr.HTML
    overlay: gr.HTML
    bar: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """Components that `draw` has values for."""
        return [self.group, self.picture, self.overlay, self.bar]

    def draw(self, scene: Scene) -> list[Any]:
        """Values for `outputs`."""
        row = scene.row
        if row is None or scene.setting_up:
            return [gr.Column(visible=False), "", "", ""]
        frame = scene.live.result.frame if scene.live else None
        shown = ""
        if row.status is not None:
            size_hw = frame.size_hw if frame else None
            shown = view.picture(row.name, row.status.run_id, size_hw, scene.texts)
        return [
            gr.Column(visible=True),
            shown,
            view.overlay(row, scene.texts),
            view.live_bar(row, frame.index if frame else None, scene.texts),
        ]


def build_live_panel() -> LivePanel:
    """Lay out the picture."""
    with gr.Column(elem_classes="ovd-card ovd-live", visible=False) as group:
        with gr.Column(elem_classes="ovd-screen"):
            picture = own_html("picture.js", "ovd-stream")
            overlay = own_html(css_class="ovd-overlay")
        bar = own_html("live_bar.js")
    return LivePanel(group, picture, overlay, bar)
