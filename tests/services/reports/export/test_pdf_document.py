from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from ovd.services.reports.export import ReportExtras, export_report
from tests.services.report_builders import NIGHT, SEOUL, UNSEEN, make_report, make_row, report_of

PERSON = (("gate", "person"),)


def export(folder: Path, report, **extras) -> PdfReader:
    path = folder / "report.pdf"
    export_report(report, path, "pdf", extras=ReportExtras(**extras))
    return PdfReader(path)


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def fonts_of(reader: PdfReader) -> set[tuple[str, bool]]:
    """Name without its subset tag, and whether the file holds the font."""
    return {
        (
            font.get_object()["/BaseFont"].split("+")[-1],
            "/FontFile2" in font.get_object()["/FontDescriptor"],
        )
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
        if "+" in font.get_object()["/BaseFont"]
    }


def test_pdf_holds_title_period_cameras_coverage_and_totals(tmp_path: Path):
    created_at = datetime(2026, 3, 2, 0, 5, 7, tzinfo=SEOUL)
    report = report_of(make_row(), UNSEEN)

    text = text_of(export(tmp_path, report, title="Gate, Sunday", created_at=created_at))

    for part in (
        "Gate, Sunday",
        "2026-03-01 21:00 KST - 2026-03-01 21:02 KST",
        "Asia/Seoul",
        "50.0%",
        "2026-03-02 00:05",
        "1.50",
        "Page 1",
    ):
        assert part in text


def test_korean_is_printed_with_a_font_that_the_file_holds(tmp_path: Path):
    reader = export(tmp_path, report_of(make_row(camera="정문", query="똠방각하")), language="ko")

    assert "집계 보고서" in text_of(reader)
    assert "똠방각하" in text_of(reader)
    assert fonts_of(reader) == {("NanumSquareR", True), ("NanumSquareB", True)}


def test_text_that_looks_like_markup_is_printed_as_it_is(tmp_path: Path):
    report = report_of(make_row(camera="<b>&amp;", query='"><para>'))

    text = text_of(export(tmp_path, report, title="<i>x</i>"))

    assert "<b>&amp;" in text
    assert "<i>x</i>" in text


def test_a_very_long_query_does_not_break_the_page(tmp_path: Path):
    text = text_of(export(tmp_path, report_of(make_row(query="w" * 200, camera="한" * 200))))

    assert "Most seen" in text


@pytest.mark.parametrize("mean", [None, 0.0])
def test_report_of_nothing_is_printed(tmp_path: Path, mean: float | None):
    report = report_of(make_row(mean_count=mean, max_count=None if mean is None else 0))

    assert "Totals" in text_of(export(tmp_path, report))


def test_comparison_is_printed(tmp_path: Path):
    before = make_report(PERSON, NIGHT - timedelta(minutes=1), NIGHT, "1m", lambda *_: 1.0)

    text = text_of(export(tmp_path, report_of(make_row()), baseline=before))

    assert "with 2026-03-01 20:59 KST to 2026-03-01 21:00 KST" in text
    assert "+50.0%" in text


def test_a_long_report_has_few_pages(tmp_path: Path):
    start = datetime(2026, 3, 2, tzinfo=SEOUL)
    report = make_report(PERSON, start, start + timedelta(days=2), "1m", lambda *_: 1.0)

    reader = export(tmp_path, report)

    assert len(reader.pages) < 5
    assert "Counts per 1 h" in text_of(reader)
