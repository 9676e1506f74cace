"""Options of a written report besides its rows."""

from dataclasses import dataclass
from datetime import datetime

from ovd.errors import InputError
from ovd.services.reports.report import Report

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
    """

    language: str = "en"
    title: str = ""
    baseline: Report | None = None
    created_at: datetime | None = None

    def require_fit(self, format_name: str) -> None:
        """Refuse a format that cannot show a comparison when there is one.

        Raises:
            InputError: If there is something to compare with and the format is rows alone.
        """
        if self.baseline is not None:
            require_comparison(format_name)


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
