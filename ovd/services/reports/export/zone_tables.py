"""The tables of a report about lines and polygons."""

from collections.abc import Iterator

from ovd.services.reports.export.tables import Column, Kind, Table
from ovd.services.reports.summary import ReportSummary
from ovd.texts.report import ReportTexts


def build_zone_tables(summary: ReportSummary, texts: ReportTexts) -> Iterator[Table]:
    """Yield the tables of zone events and occupancy; none without an observed zone."""
    if summary.zones:
        yield _build_passages(summary, texts)
    if any(total.occupancy for total in summary.zones):
        yield _build_occupancy(summary, texts)


def _build_passages(summary: ReportSummary, texts: ReportTexts) -> Table:
    moved = dict.fromkeys(f"{t.zone} ({t.camera})" for t in summary.zones if t.moved)
    note = texts.zone_passages_note
    if moved:
        note += " " + texts.zones_moved.format(zones=", ".join(moved))
    return Table(
        texts.zone_passages,
        (
            *_names(texts),
            Column(texts.zone_kind, Kind.TEXT),
            Column(texts.crossed_in, Kind.WHOLE),
            Column(texts.crossed_out, Kind.WHOLE),
            Column(texts.balance, Kind.WHOLE),
            Column(texts.watched, Kind.DURATION),
        ),
        tuple(
            (
                total.camera,
                total.query,
                total.zone,
                texts.zone_kinds["polygon" if total.occupancy else "line"],
                total.count_in,
                total.count_out,
                total.balance,
                total.observed_s,
            )
            for total in summary.zones
        ),
        note,
    )


def _build_occupancy(summary: ReportSummary, texts: ReportTexts) -> Table:
    return Table(
        texts.occupancy,
        (
            *_names(texts),
            Column(texts.mean_inside, Kind.NUMBER),
            Column(texts.max_inside, Kind.WHOLE),
            Column(texts.mean_dwell, Kind.DWELL),
            Column(texts.median_dwell, Kind.DWELL),
            Column(texts.unfinished, Kind.WHOLE),
        ),
        tuple(
            (
                total.camera,
                total.query,
                total.zone,
                total.occupancy.mean_inside,
                total.occupancy.max_inside,
                total.occupancy.mean_dwell_s,
                total.occupancy.median_dwell_s,
                total.occupancy.unfinished,
            )
            for total in summary.zones
            if total.occupancy
        ),
        texts.occupancy_note,
    )


def _names(texts: ReportTexts) -> tuple[Column, ...]:
    titles = texts.camera, texts.query, texts.zone
    return tuple(Column(title, Kind.TEXT) for title in titles)
