"""The summary as a report for people tells it: removed queries apart, names in its language."""

from dataclasses import replace

from ovd.language.korean.names import name_reading
from ovd.services.reports.summary import ReportSummary, SeriesSummary
from ovd.texts.languages import Language


def fold_removed(summary: ReportSummary) -> ReportSummary:
    """Return a summary in which removed queries stand apart.

    A query was removed if its camera is not asked it any more, and is asked another one of the
    report. Zones keep the events of those that remain.
    """
    asked = {entry.camera for entry in summary.series if entry.current}
    folded = tuple(entry for entry in summary.series if not entry.current and entry.camera in asked)
    keys = {_key(entry) for entry in folded}
    return replace(
        summary,
        series=tuple(entry for entry in summary.series if _key(entry) not in keys),
        zones=tuple(zone for zone in summary.zones if (zone.camera, zone.query) not in keys),
        folded=folded,
    )


def name_queries(summary: ReportSummary, language: Language) -> ReportSummary:
    """Return a summary whose queries have their names in a language, where they have one.

    Two readings with one name keep their own, so that they stay two.
    """
    readings = {entry.query for entry in (*summary.series, *summary.folded)}
    names = {reading: name_reading(reading, language) for reading in readings}
    taken = list(names.values())
    called = {reading: name for reading, name in names.items() if taken.count(name) == 1}

    def call(reading: str) -> str:
        return called.get(reading, reading)

    return replace(
        summary,
        series=tuple(replace(entry, query=call(entry.query)) for entry in summary.series),
        folded=tuple(replace(entry, query=call(entry.query)) for entry in summary.folded),
        zones=tuple(replace(zone, query=call(zone.query)) for zone in summary.zones),
    )


def _key(entry: SeriesSummary) -> tuple[str, str]:
    return entry.camera, entry.query
