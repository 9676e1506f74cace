"""Interactive charts of counts over time, for reports and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import plotly.graph_objects as go  # type: ignore[import-untyped]  # it ships no types

from ovd.render.palette import Rgb, css_colour

INK = "#1b2632"
MUTED = "#647387"
GRID = "#e6ebf0"
FONTS = "Inter, Pretendard, 'Noto Sans KR', 'Nanum Gothic', system-ui, sans-serif"
# Few samples get visible markers; many get ones of the line's width, because a line cannot show a
# single observation between two holes.
_FEW_POINTS = 60
_LINE_WIDTH = 2


@dataclass(frozen=True)
class ChartTexts:
    """Words on a chart.

    Attributes:
        time: Title of the time axis; the zone's name is added.
        count: Title of the count axis.
        empty: Text of a chart without values.
    """

    time: str
    count: str
    empty: str


ENGLISH = ChartTexts(time="Time", count="Visible at once", empty="Nothing was counted yet")
KOREAN = ChartTexts(time="시각", count="동시에 보이는 수", empty="아직 집계된 값이 없습니다")


@dataclass(frozen=True)
class CountSeries:
    """Counts of one query over time.

    Attributes:
        name: The query text as typed.
        colour: RGB of its line.
        times: Timestamps in ascending order, aware.
        values: A count per timestamp; None, where nothing was observed, leaves a break in the line.
        dotted: Whether it is the baseline of a comparison.
    """

    name: str
    colour: Rgb
    times: tuple[datetime, ...]
    values: tuple[float | None, ...]
    dotted: bool = False

    def __post_init__(self) -> None:
        if len(self.times) != len(self.values):
            raise ValueError(
                f"{self.name}: {len(self.times)} times need as many values, got {len(self.values)}"
            )


def counts_figure(
    series: Sequence[CountSeries], *, texts: ChartTexts = ENGLISH, zone: tzinfo = UTC
) -> go.Figure:
    """Plot counts over time, one line per query.

    Args:
        series: Lines to plot; a chart without any value shows a text instead.
        texts: Words on the axes.
        zone: Time zone of the time axis.
    """
    figure = go.Figure([_line(entry, zone) for entry in series])
    latest = max((time for entry in series for time in entry.times), default=None)
    zone_name = latest.astimezone(zone).tzname() if latest is not None else zone.tzname(None)
    figure.update_layout(
        template="plotly_white",
        font={"family": FONTS, "size": 13, "color": INK},
        margin={"l": 44, "r": 12, "t": 36, "b": 44},
        height=320,
        autosize=True,
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemwidth": 30},
        xaxis=_axis(f"{texts.time} ({zone_name})" if zone_name else texts.time)
        | {"type": "date", "nticks": 6},
        yaxis=_axis(texts.count) | {"rangemode": "tozero", "automargin": True},
    )
    if not any(value is not None for entry in series for value in entry.values):
        _show_empty(figure, texts.empty)
    return figure


def _line(entry: CountSeries, zone: tzinfo) -> go.Scatter:
    # Plotly draws a time with an offset as if it were UTC, so the zone's wall time goes in.
    times = [time.astimezone(zone).replace(tzinfo=None) for time in entry.times]
    colour = css_colour(entry.colour)
    return go.Scatter(
        x=times,
        y=list(entry.values),
        name=plain(entry.name),
        mode="lines+markers",
        line={"color": colour, "width": _LINE_WIDTH, "dash": "dot" if entry.dotted else "solid"},
        opacity=0.6 if entry.dotted else 1.0,
        marker={"color": colour, "size": 5 if len(times) <= _FEW_POINTS else _LINE_WIDTH},
        connectgaps=False,
        showlegend=not entry.dotted,
        hovertemplate="%{y:.3~g}",
    )


def _axis(title: str) -> dict[str, object]:
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}, "standoff": 8},
        "tickfont": {"size": 11, "color": MUTED},
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "fixedrange": False,
    }


def _show_empty(figure: go.Figure, text: str) -> None:
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(showticklabels=False)
    figure.add_annotation(
        text=text,
        showarrow=False,
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        font={"size": 14, "color": MUTED},
    )


def plain(name: str) -> str:
    """Escape a query text, so that Plotly does not read it as markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
