"""The controls of the history view: camera, period, measure, comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from ovd.services.history.periods import Period
from ovd.services.history.reading import Baseline
from ovd.services.reports.buckets import Interval
from ovd.texts.page import PageTexts
from ovd.ui.history.selection import OF_CAMERA, HistorySelection, Measure

_TIME_FIELD = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class CameraChoice:
    """A camera that may be chosen.

    Attributes:
        name: Its name.
        removed: Whether it is not counted any more.
    """

    name: str
    removed: bool = False


def draw_controls(
    cameras: Sequence[CameraChoice],
    camera: str,
    selection: HistorySelection,
    interval: Interval,
    zone: ZoneInfo,
    texts: PageTexts,
) -> str:
    """Draw what people choose with.

    Args:
        cameras: Cameras to choose from.
        camera: The chosen one.
        selection: What is chosen.
        interval: Start and end of what is shown.
        zone: Zone of the times.
        texts: The words.
    """
    names = {
        choice.name: texts.history_removed.format(name=choice.name)
        if choice.removed
        else choice.name
        for choice in cameras
    }
    return (
        '<div class="ovd-history-controls">'
        + draw_select("camera", texts.history_camera, names, camera)
        + _periods(selection, texts)
        + _times(interval, zone, texts)
        + draw_select("measure", texts.history_measure, measure_names(texts), selection.measure)
        + _draw_baselines(cameras, camera, selection, texts)
        + "</div>"
    )


def measure_names(texts: PageTexts) -> dict[str, str]:
    """Return the words of each measure."""
    return {
        Measure.MEAN: texts.measure_mean,
        Measure.MAX: texts.measure_max,
        Measure.UNIQUE: texts.measure_unique,
        Measure.IN: texts.measure_in,
        Measure.OUT: texts.measure_out,
        Measure.INSIDE: texts.measure_inside,
        Measure.DWELL: texts.measure_dwell,
    }


def _draw_baselines(
    cameras: Sequence[CameraChoice], camera: str, selection: HistorySelection, texts: PageTexts
) -> str:
    choices: dict[str, str] = {
        Baseline.NONE: texts.baseline_none,
        Baseline.PREVIOUS: texts.baseline_previous,
        Baseline.WEEK: texts.baseline_week,
    }
    for other in cameras:
        if other.name != camera:
            words = texts.baseline_camera.format(camera=other.name)
            choices[f"{Baseline.CAMERA}{OF_CAMERA}{other.name}"] = words
    chosen: str = selection.baseline
    if selection.baseline is Baseline.CAMERA:
        chosen = f"{Baseline.CAMERA}{OF_CAMERA}{selection.other}"
    return draw_select("baseline", texts.history_baseline, choices, chosen)


def draw_select(name: str, label: str, choices: dict[str, str], chosen: str) -> str:
    """Draw a choice of one; the page is told the name and the value.

    Args:
        name: What is chosen.
        label: Its words.
        choices: Words by value.
        chosen: The value that is chosen.
    """
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in choices.items()
    )
    return (
        f'<label class="ovd-field"><span>{escape(label)}</span>'
        f'<select data-choose="{name}">{options}</select></label>'
    )


def _periods(selection: HistorySelection, texts: PageTexts) -> str:
    words = {
        Period.HOUR: texts.period_1h,
        Period.TODAY: texts.period_today,
        Period.YESTERDAY: texts.period_yesterday,
        Period.WEEK: texts.period_7d,
        Period.MONTH: texts.period_30d,
    }
    buttons = "".join(
        f'<button type="button" data-choose="period" data-value="{period.value}" '
        f'aria-pressed="{str(period is selection.period).lower()}">{escape(name)}</button>'
        for period, name in words.items()
    )
    label = escape(texts.history_period)
    return (
        f'<div class="ovd-field"><span>{label}</span>'
        f'<div class="ovd-segments" role="group" aria-label="{label}">{buttons}</div></div>'
    )


def _times(interval: Interval, zone: ZoneInfo, texts: PageTexts) -> str:
    def field(name: str, label: str, moment: datetime) -> str:
        value = f"{moment.astimezone(zone):{_TIME_FIELD}}"
        return (
            f'<label class="ovd-field"><span>{escape(label)}</span>'
            f'<input type="datetime-local" data-time="{name}" value="{value}"></label>'
        )

    return (
        f'<form class="ovd-times">{field("start", texts.history_from, interval.start_at)}'
        f"{field('end', texts.history_to, interval.end_at)}"
        f"<button>{escape(texts.history_show)}</button></form>"
    )
