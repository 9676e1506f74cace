"""Charts for print as vector drawings, with the series and colours of the interactive ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth

from ovd.render.charts import GRID, MUTED, CountSeries
from ovd.render.palette import Rgb
from ovd.render.print_fonts import REGULAR, plain_label
from ovd.render.report_charts import Bar

Stroke = TypeVar("Stroke", Line, PolyLine)

_SMALL = 7.5
_LEFT, _BOTTOM, _TOP, _RIGHT = 34, 26, 16, 6
_MUTED, _GRID = HexColor(MUTED), HexColor(GRID)
_TICKS = 4
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_TIME_STEPS = (
    *(timedelta(seconds=s) for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)),
    *(_HOUR * hours for hours in (1, 2, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 364, 3640)),
)
_MAX_TIME_TICKS = 8
_EPOCH = datetime(1970, 1, 5)
_ROW = 15


def draw_counts(
    series: Sequence[CountSeries], *, size_wh: tuple[float, float], axis: str
) -> Drawing:
    """Draw counts over time, one line per series, with breaks where nothing was observed.

    Args:
        series: Lines to draw, with times in the zone to show.
        size_wh: Width and height in points.
        axis: Title of the count axis.
    """
    drawing = Drawing(*size_wh)
    local_times = [[time.replace(tzinfo=None) for time in entry.times] for entry in series]
    start = min((times[0] for times in local_times if times), default=_EPOCH)
    end = max((times[-1] for times in local_times if times), default=_EPOCH + _HOUR)
    highest = max((v for entry in series for v in entry.values if v is not None), default=1)
    top = _draw_value_axis(drawing, highest)
    span_s = max((end - start).total_seconds(), 1.0)
    width, height = _plot_size(drawing)

    def to_point(time: datetime, value: float) -> tuple[float, float]:
        x = _LEFT + width * (time - start).total_seconds() / span_s
        return x, _BOTTOM + height * value / top

    _draw_times(drawing, start, end)
    for entry, times in zip(series, local_times, strict=True):
        points = [
            None if value is None else to_point(time, value)
            for time, value in zip(times, entry.values, strict=True)
        ]
        _draw_line(drawing, points, entry)
    drawing.add(_text(_LEFT, size_wh[1] - _SMALL - 1, axis))
    return drawing


def _draw_line(
    drawing: Drawing, points: Sequence[tuple[float, float] | None], entry: CountSeries
) -> None:
    colour = _to_colour(entry.colour, 0.6 if entry.dotted else 1.0)
    segment: list[float] = []
    for point in (*points, None):
        if point is not None:
            segment += point
        elif len(segment) == 2:
            dot = Circle(segment[0], segment[1], 1.2)
            dot.fillColor, dot.strokeColor = colour, None
            drawing.add(dot)
            segment = []
        elif segment:
            drawing.add(_style(PolyLine(segment), colour, 1.1, entry.dotted))
            segment = []


def _style(line: Stroke, colour: Color, width: float, dotted: bool) -> Stroke:
    line.strokeColor, line.strokeWidth = colour, width
    if dotted:
        line.strokeDashArray = [1.5, 1.5]
    return line


def _box(x: float, y: float, width: float, height: float, colour: Color) -> Rect:
    box = Rect(x, y, width, height)
    box.fillColor, box.strokeColor = colour, None
    return box


def draw_bars(bars: Sequence[Bar], *, width: float) -> Drawing:
    """Draw horizontal bars with their values; paler ones for the earlier period.

    Args:
        bars: Bars from top to bottom.
        width: In points.
    """
    compared = any(bar.before is not None for bar in bars)
    step = _ROW * (2 if compared else 1)
    drawing = Drawing(width, max(1, len(bars)) * (step + 4))
    names = [_truncate(bar.name, width * 0.35) for bar in bars]
    left = max((stringWidth(name, REGULAR, _SMALL + 1) for name in names), default=0) + 8
    values = [v for bar in bars for v in (bar.value, bar.before) if v is not None]
    longest = max(values, default=1) or 1
    for number, (bar, name) in enumerate(zip(bars, names, strict=True)):
        y = drawing.height - (number + 1) * (step + 4) + 4
        drawing.add(_text(0, y + step / 2 - 3, name, size=_SMALL + 1, colour=HexColor("#1b2632")))
        lengths = [(bar.value, 1.0)] + ([(bar.before, 0.35)] if compared else [])
        for row, (value, opacity) in enumerate(lengths):
            if value is not None:
                bar_y = y + step - (row + 1) * _ROW + 2
                length = (width - left - 40) * value / longest
                colour = _to_colour(bar.colour, opacity)
                drawing.add(_box(left, bar_y, length, _ROW - 3, colour))
                drawing.add(_text(left + length + 4, bar_y + 3, f"{value:,.2f}"))
    return drawing


def draw_heatmap(
    heatmap: Sequence[Sequence[float | None]],
    *,
    colour: Rgb,
    weekdays: Sequence[str],
    width: float,
) -> Drawing:
    """Draw means by weekday and hour, darker for higher ones, blank where not observed.

    Args:
        heatmap: `(7, 24)` from Monday and midnight.
        colour: RGB of the highest mean.
        weekdays: Short names from Monday.
        width: In points.
    """
    row = 13
    drawing = Drawing(width, row * len(heatmap) + 14)
    highest = max((v for day in heatmap for v in day if v is not None), default=1) or 1
    cell = (width - _LEFT) / len(heatmap[0])
    for number, (day, name) in enumerate(zip(heatmap, weekdays, strict=True)):
        y = drawing.height - (number + 1) * row
        drawing.add(_text(0, y + 3, name))
        for hour, value in enumerate(day):
            if value is not None:
                shade = _to_colour(colour, 0.06 + 0.94 * value / highest)
                drawing.add(_box(_LEFT + hour * cell, y, cell - 1, row - 1, shade))
    for hour in range(0, len(heatmap[0]), 3):
        drawing.add(_text(_LEFT + hour * cell, 2, f"{hour}:00"))
    return drawing


def draw_legend(series: Sequence[CountSeries], *, width: float) -> Drawing:
    """Draw the names of series beside their colours.

    Args:
        series: The lines to name.
        width: In points; names that do not fit go to the next line.
    """
    positions: list[tuple[float, int, str]] = []
    x, line = 0.0, 0
    for entry in series:
        name = _truncate(entry.name, width * 0.45)
        taken = stringWidth(name, REGULAR, _SMALL + 1) + 28
        if x and x + taken > width:
            x, line = 0.0, line + 1
        positions.append((x, line, name))
        x += taken
    drawing = Drawing(width, 13 * (line + 1))
    for entry, (x, line, name) in zip(series, positions, strict=True):
        y = drawing.height - 13 * (line + 1) + 3
        colour = _to_colour(entry.colour, 0.6 if entry.dotted else 1.0)
        drawing.add(_style(Line(x, y + 3, x + 12, y + 3), colour, 2, entry.dotted))
        drawing.add(_text(x + 16, y, name, size=_SMALL + 1, colour=HexColor("#1b2632")))
    return drawing


def _draw_value_axis(drawing: Drawing, highest: float) -> float:
    """Draw the grid of the count axis; return the value at its top."""
    width, height = _plot_size(drawing)
    step = _nice_step(highest / _TICKS)
    ticks = int(-(-highest // step)) or 1
    for tick in range(ticks + 1):
        y = _BOTTOM + height * tick / ticks
        drawing.add(Line(_LEFT, y, _LEFT + width, y, strokeColor=_GRID, strokeWidth=0.6))
        drawing.add(_text(_LEFT - 4, y - 2.5, f"{tick * step:,.3g}", anchor="end"))
    return ticks * step


def _nice_step(step: float) -> float:
    """Return the next of 1, 2 or 5 times a power of ten."""
    magnitude = 1e-3
    while True:
        for factor in (1, 2, 5):
            if factor * magnitude >= step:
                return factor * magnitude
        magnitude *= 10


def _draw_times(drawing: Drawing, start: datetime, end: datetime) -> None:
    width, _ = _plot_size(drawing)
    span = max(end - start, timedelta(seconds=1))
    step = next((s for s in _TIME_STEPS if span / s <= _MAX_TIME_TICKS), _TIME_STEPS[-1])
    pattern = "%m-%d" if step >= _DAY else "%H:%M" if step.seconds % 60 == 0 else "%H:%M:%S"
    if step < _DAY < span:
        pattern = "%m-%d %H:%M"
    if span > 360 * _DAY:
        pattern = "%Y-%m-%d"
    tick = _EPOCH + -(-(start - _EPOCH) // step) * step
    while tick <= end:
        x = _LEFT + width * ((tick - start) / span)
        drawing.add(Line(x, _BOTTOM, x, _BOTTOM - 3, strokeColor=_MUTED, strokeWidth=0.6))
        drawing.add(_text(x, _BOTTOM - 12, tick.strftime(pattern), anchor="middle"))
        tick += step


def _plot_size(drawing: Drawing) -> tuple[float, float]:
    return drawing.width - _LEFT - _RIGHT, drawing.height - _BOTTOM - _TOP


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float = _SMALL,
    colour: Color = _MUTED,
    anchor: Literal["start", "middle", "end"] = "start",
) -> String:
    return String(
        x,
        y,
        plain_label(text),
        fontName=REGULAR,
        fontSize=size,
        fillColor=colour,
        textAnchor=anchor,
    )


def _truncate(text: str, width: float) -> str:
    label = plain_label(text)
    if stringWidth(label, REGULAR, _SMALL + 1) <= width:
        return label
    while label and stringWidth(f"{label}…", REGULAR, _SMALL + 1) > width:
        label = label[:-1]
    return f"{label}…"


def _to_colour(rgb: Rgb, strength: float) -> Color:
    """Return the colour mixed with white; transparency prints badly."""
    return Color(*(1 - strength * (1 - channel / 255) for channel in rgb))
