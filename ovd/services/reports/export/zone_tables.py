"""The tables of a report about lines and areas."""

from collections.abc import Iterator

from ovd.services.reports.export.tables import Column, Kind, Table
from ovd.services.reports.summary import ReportSummary
from ovd.texts.report import ReportTexts


def build_zone_tables(summary: ReportSummary, texts: ReportTexts) -> Iterator[Table]:
    """What passed zones, and how areas were visited; no table where no zone was watched."""
    if summary.zones:
        yield _build_passages(summary, texts)
    if any(total.stay for total in summary.zones):
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
                texts.zone_kinds["polygon" if total.stay else "line"],
                total.came_in,
                total.went_out,
                total.balance,
                total.watched_s,
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
                total.stay.mean_inside,
                total.stay.max_inside,
                total.stay.mean_dwell_s,
                total.stay.median_dwell_s,
                total.stay.unfinished,
            )
            for total in summary.zones
            if total.stay
        ),
        texts.occupancy_note,
    )


def _names(texts: ReportTexts) -> tuple[Column, ...]:
    titles = texts.camera, texts.query, texts.zone
    return tuple(Column(title, Kind.TEXT) for title in titles)
