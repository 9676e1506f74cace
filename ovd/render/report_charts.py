"""Interactive charts that only reports have: bars per query, and a heatmap of the week."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go  # type: ignore[import-untyped]  # it ships no types

from ovd.render.charts import FONTS, GRID, INK, MUTED, plain
from ovd.render.palette import Rgb, css_colour

_BAR_HEIGHT, _BARS_MARGIN = 30, 60
_PALEST: Rgb = (244, 247, 250)


@dataclass(frozen=True)
class Bar:
    """One bar, or a pair of them.

    Attributes:
        name: Label of the bar.
        colour: Its RGB.
        value: Its length; None where nothing was observed.
        before: Length of the paler bar of the earlier period; None draws none.
    """

    name: str
    colour: Rgb
    value: float | None
    before: float | None = None


def bars_figure(bars: Sequence[Bar], *, axis: str, before: str = "") -> go.Figure:
    """Plot horizontal bars, the first on top.

    Args:
        bars: Bars from top to bottom.
        axis: Title of the value axis.
        before: Label of the paler bars.
    """
    names = [plain(bar.name) for bar in bars]
    colours = [css_colour(bar.colour) for bar in bars]
    compared = any(bar.before is not None for bar in bars)
    figure = go.Figure(
        go.Bar(
            x=[bar.value for bar in bars],
            y=names,
            orientation="h",
            marker={"color": colours},
            texttemplate="%{x:.3~g}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3~g}<extra></extra>",
        )
    )
    if compared:
        figure.add_bar(
            x=[bar.before for bar in bars],
            y=names,
            orientation="h",
            marker={"color": colours, "opacity": 0.35},
            texttemplate="%{x:.3~g}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}} ({plain(before)}): %{{x:.3~g}}<extra></extra>",
        )
    figure.update_layout(
        **_layout(),
        height=_BARS_MARGIN + _BAR_HEIGHT * len(bars) * (2 if compared else 1),
        showlegend=False,
        bargap=0.25,
    )
    figure.update_xaxes(title={"text": axis, "font": {"size": 12, "color": MUTED}}, gridcolor=GRID)
    figure.update_yaxes(autorange="reversed", automargin=True, type="category")
    return figure


def heatmap_figure(
    heatmap: Sequence[Sequence[float | None]], *, colour: Rgb, weekdays: Sequence[str]
) -> go.Figure:
    """Plot means by weekday and hour, darker for higher ones.

    Args:
        heatmap: `(7, 24)` from Monday and midnight; None where nothing was observed, left blank.
        colour: RGB of the highest mean.
        weekdays: Short names from Monday.
    """
    figure = go.Figure(
        go.Heatmap(
            z=[list(day) for day in heatmap],
            x=list(range(len(heatmap[0]))),
            y=list(weekdays),
            colorscale=[[0, css_colour(_PALEST)], [1, css_colour(colour)]],
            zmin=0,
            hoverongaps=False,
            xgap=2,
            ygap=2,
            colorbar={"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}},
            hovertemplate="%{y} %{x}:00: %{z:.3~g}<extra></extra>",
        )
    )
    figure.update_layout(**_layout(), height=260)
    figure.update_xaxes(dtick=3, showgrid=False, tickangle=0, tickfont={"size": 11})
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, type="category")
    return figure


def _layout() -> dict[str, object]:
    return {
        "template": "plotly_white",
        "font": {"family": FONTS, "size": 13, "color": INK},
        "margin": {"l": 44, "r": 12, "t": 12, "b": 44},
        "autosize": True,
    }
