"""Lines over time as SVG: small, sharp at any width, in the colours of the page's theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ovd.texts.page import PageTexts

HEADROOM = 1.05


@dataclass(frozen=True)
class Series:
    """Values of one query, one per bin; None where there is none.

    Attributes:
        query: Query text.
        colour: Its colour as CSS.
        values: Mean counts.
        unjudged: Mean numbers of objects that were not judged, so may match too; empty where all
            were.
        dashed: Whether it stands for another time, which says nothing of gaps.
    """

    query: str
    colour: str
    values: tuple[float | None, ...]
    unjudged: tuple[float, ...] = ()
    dashed: bool = False

    @property
    def highest(self) -> float:
        """Return the highest value, with what was not judged."""
        values = [value or 0.0 for value in self.values]
        more = self.unjudged or [0.0] * len(values)
        return max((value + extra for value, extra in zip(values, more, strict=True)), default=0.0)

    def describe(self, index: int, texts: PageTexts) -> str | None:
        """Return a value as words, with what was not judged; None where nothing was counted."""
        value = self.values[index]
        if value is None:
            return None
        words = f"{value:,.1f}".removesuffix(".0")
        unjudged = round(self.unjudged[index], 1) if self.unjudged else 0.0
        if unjudged:
            words += " · " + texts.chart_unjudged.format(
                count=f"{unjudged:,.1f}".removesuffix(".0")
            )
        return words


def top_of(value: float) -> int:
    """Return the next of 4, 6, 8, 10, 12, 16, 20, 30, 40, ...: their halves are whole."""
    power = 1
    while True:
        for step in (4, 6, 8, 10, 12, 16, 20, 30):
            if step * power >= value:
                return step * power
        power *= 10


def draw_plot(lines: Sequence[Series], ticks: Sequence[str], label: str) -> str:
    """Draw lines with axes; bins that no line has a value for are hatched, never zero.

    Args:
        lines: At least one; all of one length.
        ticks: Texts below the plot, spread evenly.
        label: What it shows, for those who cannot see it.
    """
    bins = len(lines[0].values)
    top = top_of(max((series.highest for series in lines), default=0) * HEADROOM)
    heights = "".join(f"<span>{value:,}</span>" for value in (top, top // 2, 0))
    times = "".join(f"<span>{escape(tick)}</span>" for tick in ticks)
    return (
        f'<div class="ovd-chart" role="img" aria-label="{escape(label)}">'
        f'<div class="ovd-chart-y">{heights}</div><div class="ovd-chart-plot">'
        f'{draw_gaps(lines)}<svg viewBox="0 0 {bins} 100" preserveAspectRatio="none">'
        f'<path class="grid" d="M0 0H{bins}M0 50H{bins}M0 100H{bins}"/>'
        f"{''.join(_draw_band(series, top) + _draw_line(series, top) for series in lines)}</svg>"
        f'<i class="ovd-cursor"></i><div class="ovd-tip"></div></div>'
        f'<div class="ovd-chart-x">{times}</div></div>'
    )


def draw_legend(lines: Sequence[Series], texts: PageTexts) -> str:
    """Draw names and colours of the lines, and the meaning of hatching and bands where they are.

    Args:
        lines: Those of the plot; dashed ones are left out.
        texts: The words.
    """
    entries = "".join(
        f'<span><i style="background:{series.colour}"></i>{escape(series.query)}</span>'
        for series in lines
        if not series.dashed
    )
    if draw_gaps(lines):
        entries += f'<span><i class="hatched"></i>{escape(texts.chart_gap)}</span>'
    if any(series.unjudged for series in lines):
        entries += f'<span><i class="unjudged"></i>{escape(texts.chart_band)}</span>'
    return f'<div class="ovd-legend">{entries}</div>'


def draw_gaps(lines: Sequence[Series]) -> str:
    """Draw hatching where no line that is not dashed has a value; empty where there is no gap."""
    own = [series for series in lines if not series.dashed]
    bins = len(own[0].values) if own else 0
    seen = [any(series.values[index] is not None for series in own) for index in range(bins)]
    return "".join(
        f'<i class="gap" style="left:{first / bins:.2%};width:{(last - first) / bins:.2%}"></i>'
        for first, last in _intervals(seen, False)
    )


def _draw_line(series: Series, top: int) -> str:
    intervals = _intervals([value is not None for value in series.values], True)
    strokes, areas = [], []
    for first, last in intervals:
        points = [
            f"{index + 0.5} {100 - 100 * (series.values[index] or 0.0) / top:.2f}"
            for index in range(first, last)
        ]
        path = "L".join(points)
        strokes.append(f"M{path}h.01")
        areas.append(f"M{first + 0.5} 100L{path}L{last - 0.5} 100Z")
    if series.dashed:
        return f'<path class="line dashed" d="{"".join(strokes)}" stroke="{series.colour}"/>'
    return (
        f'<path class="area" d="{"".join(areas)}" fill="{series.colour}"/>'
        f'<path class="line" d="{"".join(strokes)}" stroke="{series.colour}"/>'
    )


def _draw_band(series: Series, top: int) -> str:
    """Draw from a count up to what it would be if all that was not judged matched."""
    if not series.unjudged:
        return ""
    counted = [value is not None for value in series.values]
    areas = []
    for first, last in _intervals(counted, True):
        lower = [100 - 100 * (series.values[i] or 0.0) / top for i in range(first, last)]
        upper = [
            low - 100 * more / top
            for low, more in zip(lower, series.unjudged[first:last], strict=True)
        ]
        there = [f"{first + i + 0.5} {y:.2f}" for i, y in enumerate(upper)]
        back = [f"{first + i + 0.5} {y:.2f}" for i, y in enumerate(lower)]
        areas.append(f"M{'L'.join([*there, *reversed(back)])}Z")
    return f'<path class="unjudged" d="{"".join(areas)}" fill="{series.colour}"/>'


def _intervals(flags: Sequence[bool], wanted: bool) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of every run of `wanted`."""
    found: list[tuple[int, int]] = []
    for index, flag in enumerate(flags):
        if flag is not wanted:
            continue
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found
