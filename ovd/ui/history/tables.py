"""The numbers below the history's chart: totals of queries, lines and zones, hours of the week."""

import json
from collections.abc import Mapping, Sequence
from html import escape

from ovd.domain.ports import EvidenceArchive
from ovd.language.korean.names import name_reading
from ovd.services.history.reading import History, HistorySeries
from ovd.services.reports.summary import HOURS_OF_DAY
from ovd.texts.page import PageTexts, language_of
from ovd.ui.history.chart import is_shown
from ovd.ui.history.controls import draw_select
from ovd.ui.history.selection import HistorySelection
from ovd.ui.html.cards import card_title

NONE = "-"


def draw_totals(
    history: History,
    selection: HistorySelection,
    colours: Mapping[str, str],
    evidence: EvidenceArchive,
    texts: PageTexts,
) -> str:
    """Draw a row per query; its name shows or hides its line, its highest count the images.

    Args:
        history: What was read.
        selection: What is chosen.
        colours: CSS colour by query.
        evidence: Where images are kept.
        texts: The words.
    """
    compared = history.baseline is not None
    heads = (
        (texts.column_query, ""),
        (texts.column_mean, "number"),
        *(((texts.column_change, "number"),) if compared else ()),
        (texts.column_max, "number"),
        (texts.column_most_at, ""),
        (texts.column_unique, "number"),
        (texts.column_in, "number"),
        (texts.column_out, "number"),
        (texts.column_coverage, "number"),
    )
    head = "".join(f'<th class="{kind}" scope="col">{escape(name)}</th>' for name, kind in heads)

    def draw(shown: Sequence[HistorySeries]) -> str:
        body = "".join(
            f"<tr>{_toggle(series, history, colours, selection, texts)}"
            f"{_numbers(series, history, evidence, texts)}</tr>"
            for series in shown
        )
        return (
            f'<div class="ovd-table"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    current = [series for series in history.series if series.query not in history.removed]
    removed = [series for series in history.series if series.query in history.removed]
    if not removed:
        return draw(current)
    words = escape(texts.history_removed_queries.format(count=len(removed)))
    folded = f"<summary>{words}</summary>{draw(removed)}"
    return draw(current) + f'<details class="ovd-removed-queries">{folded}</details>'


def draw_zones(history: History, texts: PageTexts) -> str:
    """Draw totals of lines and zones; nothing where none was observed."""
    if not history.zones:
        return ""
    heads = (
        (texts.column_zone, ""),
        (texts.column_query, ""),
        (texts.column_in, "number"),
        (texts.column_out, "number"),
        (texts.column_inside, "number"),
        (texts.column_dwell, "number"),
    )
    head = "".join(f'<th class="{kind}" scope="col">{escape(name)}</th>' for name, kind in heads)
    rows = []
    for zone in history.zones:
        inside = zone.occupancy.mean_inside if zone.occupancy else None
        dwell_s = zone.occupancy.mean_dwell_s if zone.occupancy else None
        numbers = (
            f"{zone.count_in:,}",
            f"{zone.count_out:,}",
            NONE if inside is None else f"{inside:.2f}",
            NONE if dwell_s is None else f"{dwell_s:.1f} s",
        )
        cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
        query = escape(name_reading(zone.query, language_of(texts)))
        rows.append(f"<tr><td>{escape(zone.zone)}</td><td>{query}</td>{cells}</tr>")
    return (
        f"<section>{card_title(texts.zones_title)}"
        f'<div class="ovd-table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def draw_heatmap(
    series: HistorySeries, colour: str, queries: Sequence[str], texts: PageTexts
) -> str:
    """Draw mean counts by weekday and hour; hours that were not observed are hatched.

    Args:
        series: What is drawn.
        colour: CSS colour of the highest mean.
        queries: Queries to choose from.
        texts: The words.
    """
    heatmap = series.summary.heatmap
    highest = max((v for day in heatmap for v in day if v is not None), default=0.0)
    hours = "".join(f"<span>{hour}</span>" for hour in range(0, HOURS_OF_DAY, 3))
    days = "".join(
        f"<b>{escape(day)}</b>{''.join(_cell(day, hour, v, highest, texts) for hour, v in cells)}"
        for day, cells in zip(texts.weekdays.split(), map(enumerate, heatmap), strict=True)
    )
    language = language_of(texts)
    title = texts.heatmap_title.format(query=name_reading(series.query, language))
    choices = {query: name_reading(query, language) for query in queries}
    choice = draw_select("query", texts.heatmap_query, choices, series.query)
    heading = card_title(title, aside=choice if len(queries) > 1 else "")
    return (
        f'<section>{heading}<div class="ovd-heatmap" role="img" '
        f'aria-label="{escape(title)}" style="--swatch:{colour}">{days}'
        f'<div class="hours">{hours}</div></div></section>'
    )


def _cell(day: str, hour: int, value: float | None, highest: float, texts: PageTexts) -> str:
    words = texts.not_observed if value is None else f"{value:.2f}"
    title = escape(texts.heatmap_cell.format(day=day, hour=hour, value=words))
    if value is None:
        return f'<i class="hatched" title="{title}"></i>'
    share = value / highest if highest else 0.0
    return f'<i title="{title}" style="--share:{share:.3f}"></i>'


def _toggle(
    series: HistorySeries,
    history: History,
    colours: Mapping[str, str],
    selection: HistorySelection,
    texts: PageTexts,
) -> str:
    query = series.query
    shown = str(is_shown(query, history, selection)).lower()
    name = name_reading(query, language_of(texts))
    label = escape(texts.history_show_line.format(query=name))
    others = [typed for typed in series.summary.typed if typed != query]
    typed = escape(texts.history_typed.format(typed=", ".join(others))) if others else ""
    return (
        f'<td class="query"><button type="button" class="ovd-line-toggle" data-choose="toggle" '
        f'data-value="{escape(query)}" aria-pressed="{shown}" title="{label}">'
        f'<i style="background:{colours[query]}"></i>{escape(name)}</button>'
        + (f"<small>{typed}</small></td>" if typed else "</td>")
    )


def _numbers(
    series: HistorySeries, history: History, evidence: EvidenceArchive, texts: PageTexts
) -> str:
    totals, peak_at = series.summary.totals, series.summary.peak_at
    peak = next((row for row in series.rows if row.bucket_start == peak_at), None)
    most = NONE if totals.max_count is None else f"{totals.max_count:,}"
    if peak is not None and peak.max_count:
        camera, start_at, end_at = series.summary.camera, peak.bucket_start, peak.bucket_end
        typed = series.summary.typed or (series.query,)
        if any(evidence.may_have(camera, text, start_at, end_at) for text in typed):
            cell = json.dumps([series.query, start_at.isoformat(), end_at.isoformat(), *typed])
            most = (
                f'<button type="button" class="evidence" data-event="show_evidence" '
                f'data-value="{escape(cell)}" title="{escape(texts.evidence_show)}">{most}</button>'
            )
    mean = NONE if totals.mean_count is None else f"{totals.mean_count:.2f}"
    cells = [f'<td class="number">{mean}</td>']
    if history.baseline is not None:
        cells.append(f'<td class="number">{_change(series, history.baseline)}</td>')
    cells.append(f'<td class="number">{most}</td>')
    clock = "%Y-%m-%d" if history.bucket == "1d" else "%Y-%m-%d %H:%M"
    cells.append(f"<td>{NONE if peak_at is None else peak_at.strftime(clock)}</td>")
    for value in (series.summary.unique, totals.crossed_in, totals.crossed_out):
        cells.append(f'<td class="number">{NONE if value is None else f"{value:,}"}</td>')
    cells.append(f'<td class="number">{totals.coverage:.0%}</td>')
    return "".join(cells)


def _change(series: HistorySeries, baseline: History) -> str:
    before = baseline.series_of(series.query)
    earlier = before.summary.totals.mean_count if before else None
    now = series.summary.totals.mean_count
    if now is None or not earlier:
        return NONE
    return f"{(now - earlier) / earlier:+.0%}"
