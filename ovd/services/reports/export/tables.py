"""The tables of a report for presentation, with typed cells that each format writes its own way."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.extras import ReportExtras
from ovd.services.reports.rows import Cell
from ovd.services.reports.summary import (
    ReportSummary,
    SeriesPoint,
    SeriesSummary,
    choose_step_s,
    merge_points,
)
from ovd.services.reports.totals import Totals
from ovd.texts.report import ReportTexts

_NO_TOTALS = Totals(0.0, 0, None, None, None, None, 0.0)
_MIN_POINTS = 8


class Kind(Enum):
    """The kind of the cells of a column."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    SHARE = "share"
    CHANGE = "change"
    DURATION = "duration"
    DWELL = "dwell"
    TIME = "time"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        kind: What its cells are; durations and dwells are seconds, the latter shown to a tenth;
            shares and changes are fractions.
    """

    title: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """A table whose cells are values; None is shown as an empty cell.

    Attributes:
        title: Heading above it.
        columns: Its columns.
        rows: Cells per row, one per column.
        note: Sentence below the heading, may be empty.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def format_cell(value: Cell, kind: Kind) -> str:
    """Return a cell as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M" + (":%S" if value.second else ""))
    if isinstance(value, str):
        return value
    if kind in (Kind.DURATION, Kind.DWELL):
        return _format_length(value, tenths=kind is Kind.DWELL)
    patterns = {Kind.SHARE: ".1%", Kind.CHANGE: "+.1%", Kind.WHOLE: ",d"}
    return format(value, patterns.get(kind, ",.2f"))


def _format_length(length_s: float, tenths: bool) -> str:
    """Return seconds as hours, minutes and seconds."""
    rounded = round(length_s, 1) if tenths else round(length_s)
    minutes, seconds = divmod(rounded, 60)
    shown = f"{seconds:04.1f}" if tenths else f"{seconds:02}"
    return f"{int(minutes) // 60:,}:{int(minutes) % 60:02}:{shown}"


def format_period(summary: ReportSummary) -> tuple[str, str]:
    """Return start and end of a report with their offsets, as text."""
    start, end = (
        f"{format_cell(moment, Kind.TIME)} {moment.strftime('%Z')}"
        for moment in (summary.start_at, summary.end_at)
    )
    return start, end


def build_facts(
    summary: ReportSummary, extras: ReportExtras, texts: ReportTexts
) -> list[tuple[str, str]]:
    """Return the name and value of each fact about a report."""
    start, end = format_period(summary)
    facts = [
        (texts.period, f"{start} - {end}"),
        (texts.time_zone, summary.tz),
        (texts.cameras, ", ".join(summary.cameras)),
        (texts.queries, ", ".join(summary.queries)),
        (texts.coverage, format_cell(summary.coverage, Kind.SHARE)),
    ]
    if extras.created_at is not None:
        created_at = extras.created_at.astimezone(summary.start_at.tzinfo)
        facts.append((texts.created, format_cell(created_at.replace(second=0), Kind.TIME)))
    return facts


def build_totals(summary: ReportSummary, texts: ReportTexts) -> Table:
    """Build the table of every camera and query over the whole period."""
    columns = [
        Column(texts.camera, Kind.TEXT),
        Column(texts.query, Kind.TEXT),
        Column(texts.mean, Kind.NUMBER),
        Column(texts.maximum, Kind.WHOLE),
        Column(texts.peak_at, Kind.TIME),
        Column(texts.observed, Kind.DURATION),
        Column(texts.coverage, Kind.SHARE),
    ]
    rows = [_totals_row(entry) for entry in summary.series]
    if summary.has_unique:
        columns.append(Column(texts.unique, Kind.WHOLE))
        rows = [(*row, entry.unique) for row, entry in zip(rows, summary.series, strict=True)]
    if summary.has_crossings:
        titles = (texts.crossed_in, texts.crossed_out, texts.balance)
        columns += [Column(title, Kind.WHOLE) for title in titles]
        rows = [
            (*row, entry.totals.crossed_in, entry.totals.crossed_out, entry.totals.balance)
            for row, entry in zip(rows, summary.series, strict=True)
        ]
    note = texts.explanation
    if summary.has_unjudged:
        columns += [Column(texts.pending, Kind.NUMBER), Column(texts.unknown, Kind.NUMBER)]
        rows = [
            (*row, *_unjudged_cells(entry.totals))
            for row, entry in zip(rows, summary.series, strict=True)
        ]
        note += " " + texts.unjudged_note
    if summary.judges:
        note += " " + texts.judged_note.format(judges=", ".join(summary.judges))
    return Table(texts.totals, tuple(columns), tuple(rows), note)


def _unjudged_cells(totals: Totals) -> tuple[Cell, ...]:
    return (totals.mean_pending, totals.mean_unknown)


def _totals_row(entry: SeriesSummary) -> tuple[Cell, ...]:
    totals = entry.totals
    return (
        entry.camera,
        entry.query,
        totals.mean_count,
        totals.max_count,
        entry.peak_at,
        totals.observed_s,
        totals.coverage,
    )


def build_ranking(summary: ReportSummary, texts: ReportTexts) -> Table:
    """Build the table of queries over all cameras, highest mean first."""
    return Table(
        texts.top_queries,
        (
            Column(texts.query, Kind.TEXT),
            Column(texts.mean, Kind.NUMBER),
            Column(texts.maximum, Kind.WHOLE),
            Column(texts.at_cameras, Kind.WHOLE),
        ),
        tuple((t.query, t.mean_count, t.max_count, t.cameras) for t in summary.ranking()),
    )


def build_comparison(comparison: Comparison, texts: ReportTexts) -> Table:
    """Build the table of both reports, by query."""
    before = comparison.baseline
    if comparison.compares_cameras:
        note = texts.with_camera.format(camera=before.cameras[0])
        names = comparison.current.cameras[0], before.cameras[0]
    else:
        start, end = format_period(before)
        note = texts.with_period.format(start=start, end=end)
        names = texts.now, texts.before
    columns = (
        Column(texts.camera, Kind.TEXT),
        Column(texts.query, Kind.TEXT),
        *(Column(f"{texts.mean}: {name}", Kind.NUMBER) for name in names),
        Column(texts.change, Kind.CHANGE),
        *(Column(f"{texts.maximum}: {name}", Kind.WHOLE) for name in names),
        *(Column(f"{texts.coverage}: {name}", Kind.SHARE) for name in names),
    )
    rows = tuple(
        (pair.camera, pair.query, *_comparison_cells(pair.current, pair.baseline, pair.change))
        for pair in comparison.pairs()
    )
    if comparison.compares_cameras:
        columns, rows = columns[1:], tuple(row[1:] for row in rows)
    return Table(texts.comparison, columns, rows, note)


def _comparison_cells(
    now: Totals | None, before: Totals | None, change: float | None
) -> tuple[Cell, ...]:
    now, before = now or _NO_TOTALS, before or _NO_TOTALS
    return (
        now.mean_count,
        before.mean_count,
        change,
        now.max_count,
        before.max_count,
        now.coverage,
        before.coverage,
    )


def build_points(summary: ReportSummary, texts: ReportTexts, max_rows: int) -> Table:
    """Build the table of counts over time of the busiest series, in steps that limit its rows."""
    shown = summary.busiest(max(1, max_rows // _MIN_POINTS))
    length_s = summary.end_at.timestamp() - summary.start_at.timestamp()
    per_series = max(_MIN_POINTS, max_rows // max(1, len(shown)))
    step_s = choose_step_s(length_s, summary.step_s, per_series)
    note = texts.table_note.format(rows=summary.rows)
    if len(shown) < len(summary.series):
        note += " " + texts.more_series.format(shown=len(shown), all=len(summary.series))
    more = (Column(texts.pending, Kind.NUMBER), Column(texts.unknown, Kind.NUMBER))
    return Table(
        texts.table.format(step=texts.length(step_s)),
        (
            Column(texts.camera, Kind.TEXT),
            Column(texts.query, Kind.TEXT),
            Column(texts.start, Kind.TIME),
            Column(texts.end, Kind.TIME),
            Column(texts.mean, Kind.NUMBER),
            Column(texts.maximum, Kind.WHOLE),
            Column(texts.coverage, Kind.SHARE),
            *(more if summary.has_unjudged else ()),
        ),
        tuple(
            (
                *(entry.camera, entry.query, *_point_cells(point)),
                *(_unjudged_cells(point.totals) if summary.has_unjudged else ()),
            )
            for entry in shown
            for point in merge_points(entry.points, step_s)
        ),
        note,
    )


def _point_cells(point: SeriesPoint) -> tuple[Cell, ...]:
    totals = point.totals
    return (
        point.start_at,
        point.end_at,
        totals.mean_count,
        totals.max_count,
        totals.coverage,
    )
