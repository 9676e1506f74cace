"""The chart of recent counts of the chosen camera."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import gradio as gr

from ovd.ui import view
from ovd.ui.chart import bin_history, chart_legend, chart_points, counts_chart
from ovd.ui.scene import Scene
from ovd.ui.theme import own_html


@dataclass(frozen=True, eq=False)
class ChartPanel:
    """Components of the chart; hidden while a camera is being set up."""

    group: gr.Column
    title: gr.HTML
    chart: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """Components that `draw` has values for."""
        return [self.group, self.title, self.chart]

    def draw(self, scene: Scene) -> list[Any]:
        """Values for `outputs`."""
        if scene.row_status is None or scene.setting_up:
            return [gr.Column(visible=False), "", gr.HTML(value="", points={})]
        zone = ZoneInfo(scene.session.time_zone)
        texts = [query.text for query in scene.queries]
        data = bin_history(scene.history, texts, scene.colours)
        return [
            gr.Column(visible=True),
            view.card_title(scene.texts.chart_title, aside=chart_legend(data, scene.texts)),
            gr.HTML(value=counts_chart(data, zone, scene.texts), points=chart_points(data, zone)),
        ]


def build_chart_panel() -> ChartPanel:
    """Lay out the chart."""
    with gr.Column(elem_classes="ovd-card ovd-chart-card", visible=False) as group:
        title = own_html()
        chart = own_html("chart.js", points={})
    return ChartPanel(group, title, chart)
