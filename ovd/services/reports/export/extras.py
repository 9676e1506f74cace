"""Options of a written report besides its rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ovd.errors import InputError
from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.front.shaping import fold_removed, name_queries
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow
from ovd.services.reports.summary import ReportSummary, summarise
from ovd.texts.languages import Language
from ovd.texts.report import ReportTexts, report_texts

# Formats that are for people; the others are rows for programs.
PRESENTATION_FORMATS = ("xlsx", "html", "pdf")


@dataclass(frozen=True)
class ReportExtras:
    """Options of a report for presentation.

    Attributes:
        language: A name of `ovd.texts.report.TEXTS`.
        title: Headline; empty takes the language's own.
        baseline: What to compare with: another period, or another camera; None compares nothing.
        created_at: When it was asked for, aware; None is not shown.
        logo: PNG beside the title, as `ovd.render.logos.fit_logo` gives it; empty shows none.
    """

    language: str = "en"
    title: str = ""
    baseline: Report | None = None
    created_at: datetime | None = None
    logo: bytes = field(default=b"", repr=False)

    def require_fit(self, format_name: str) -> None:
        """Refuse a format that cannot show a comparison when there is one.

        Raises:
            InputError: If there is something to compare with and the format is rows alone.
        """
        if self.baseline is not None:
            require_comparison(format_name)


@dataclass(frozen=True)
class Presentation:
    """The content of a report for presentation.

    Attributes:
        title: Headline.
        summary: The report in numbers.
        comparison: What has changed since the baseline; None without one.
        texts: The words around them.
    """

    title: str
    summary: ReportSummary
    comparison: Comparison | None
    texts: ReportTexts


def present(
    report: Report, extras: ReportExtras, on_row: Callable[[ReportRow], None] | None = None
) -> Presentation:
    """Read a report once, and what it is compared with, for presentation.

    Args:
        report: The report.
        extras: Its options.
        on_row: Called with every row of the report.
    """
    texts, language = report_texts(extras.language), Language(extras.language)
    summary = name_queries(fold_removed(summarise(report, on_row)), language)
    comparison = None
    if extras.baseline:
        before = name_queries(fold_removed(summarise(extras.baseline)), language)
        comparison = Comparison(summary, before)
    return Presentation(extras.title or texts.title, summary, comparison, texts)


def require_comparison(format_name: str) -> None:
    """Refuse a format that cannot show a comparison.

    Raises:
        InputError: If the format is rows alone.
    """
    if format_name not in PRESENTATION_FORMATS:
        raise InputError(
            f"a {format_name} report holds rows and no comparison; choose "
            f"{', '.join(PRESENTATION_FORMATS)}, or write a report per period"
        )
