"""The table of removed queries, which are in no headline, chart or total of a report."""

from dataclasses import replace

from ovd.services.reports.export.tables import Table, build_totals
from ovd.services.reports.summary import ReportSummary
from ovd.texts.report import ReportTexts


def build_removed(summary: ReportSummary, texts: ReportTexts) -> Table | None:
    """Build the table of removed queries; None where there is none."""
    if not summary.folded:
        return None
    apart = replace(summary, series=summary.folded, zones=(), folded=())
    title = texts.removed_queries.format(count=len(summary.folded))
    return replace(build_totals(apart, texts), title=title, note=texts.removed_note)
