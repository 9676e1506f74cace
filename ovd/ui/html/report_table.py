"""The newest rows of a report as a table."""

import json
from collections.abc import Container, Sequence
from html import escape
from itertools import groupby

from ovd.language.korean.names import name_reading
from ovd.services.reports.rows import ReportRow
from ovd.texts.page import PageTexts, language_of


def report_table(
    rows: Sequence[ReportRow],
    bucket: str,
    texts: PageTexts,
    with_evidence: Container[ReportRow] = (),
) -> str:
    """Draw rows of a report in the order given; what was not observed has no numbers.

    Args:
        rows: At least one row.
        bucket: A name of `ovd.services.reports.buckets.BUCKETS`; says how precise times are.
        texts: The words.
        with_evidence: Rows of which there may be images; their highest count shows them.
    """
    heads = (
        (texts.column_time, ""),
        (texts.column_query, ""),
        (texts.column_mean, "number"),
        (texts.column_max, "number"),
        (texts.column_samples, "number wide"),
        (texts.column_coverage, "number"),
    )
    head = "".join(f'<th class="{kind}" scope="col">{escape(name)}</th>' for name, kind in heads)
    body = "".join(
        _report_rows(list(group), _TIME_FORMAT[bucket], texts, with_evidence)
        for _, group in groupby(rows, key=lambda row: row.bucket_start)
    )
    return (
        f'<div class="ovd-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        f'</table></div><p class="ovd-note">{escape(texts.report_note)}</p>'
    )


def _report_rows(
    rows: Sequence[ReportRow],
    time_format: str,
    texts: PageTexts,
    with_evidence: Container[ReportRow],
) -> str:
    """Draw the rows of one bucket, whose time stands there once."""
    time = f'<th scope="rowgroup" rowspan="{len(rows)}">{rows[0].bucket_start:{time_format}}</th>'
    lines = [_report_cells(row, texts, row in with_evidence) for row in rows]
    return f"<tr>{time}" + "</tr><tr>".join(lines) + "</tr>"


def _report_cells(row: ReportRow, texts: PageTexts, has_evidence: bool) -> str:
    shown = escape(name_reading(row.query, language_of(texts)))
    name = f'<td class="query" title="{escape(row.query)}">{shown}</td>'
    if row.mean_count is None or row.max_count is None:
        return f'{name}<td class="unseen" colspan="4">{escape(texts.not_observed)}</td>'
    most = _evidence_button(row, texts) if has_evidence else f"{row.max_count:,}"
    return (
        f"{name}"
        f'<td class="number">{row.mean_count:.2f}{_unjudged(row, texts)}</td>'
        f'<td class="number">{most}</td>'
        f'<td class="number wide">{row.samples:,}</td>'
        f'<td class="number">{row.coverage:.0%}</td>'
    )


def _unjudged(row: ReportRow, texts: PageTexts) -> str:
    """Draw the mean number of objects that were not judged, beside the mean of those that match."""
    number = (row.mean_pending or 0.0) + (row.mean_unknown or 0.0)
    if not number:
        return ""
    words = escape(texts.report_unjudged.format(count=f"{number:.2f}"))
    return f'<small class="unjudged" title="{words}" aria-label="{words}">+ {number:.2f} ?</small>'


def _evidence_button(row: ReportRow, texts: PageTexts) -> str:
    cell = [row.query, row.bucket_start.isoformat(), row.bucket_end.isoformat(), *row.typed]
    return (
        f'<button type="button" class="evidence" data-event="show_evidence" '
        f'data-value="{escape(json.dumps(cell))}" title="{escape(texts.evidence_show)}">'
        f"{row.max_count:,}</button>"
    )


_TIME_FORMAT = {
    "1s": "%Y-%m-%d %H:%M:%S",
    "1m": "%Y-%m-%d %H:%M",
    "15m": "%Y-%m-%d %H:%M",
    "1h": "%Y-%m-%d %H:%M",
    "1d": "%Y-%m-%d",
}
