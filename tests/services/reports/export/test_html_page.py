import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ovd.services.reports.export import ReportExtras, export_report
from tests.services.report_builders import NIGHT, SEOUL, UNSEEN, make_report, make_row, report_of

PERSON = (("gate", "person"),)


class Page(HTMLParser):
    """Texts, tags and attributes of a page; scripts and styles are left out of the texts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        if self.tags[-1:] not in (["script"], ["style"]) and data.strip():
            self.texts.append(data.strip())


def export(folder: Path, report, **extras) -> str:
    path = folder / "report.html"
    export_report(report, path, "html", extras=ReportExtras(**extras))
    return path.read_text(encoding="utf-8")


def test_page_has_charts_and_tables_and_needs_nothing_else(tmp_path: Path):
    source = export(tmp_path, report_of(make_row(), UNSEEN))

    page = Page(source)
    assert page.links == []
    assert source.count("Plotly.newPlot(") >= 3
    assert "default-src 'none'" in source
    assert {"Count report", "Totals", "Over time", "Most seen", "gate", "person"} <= set(page.texts)


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>&amp;']
)
def test_texts_are_shown_and_never_run(tmp_path: Path, text: str):
    report = report_of(make_row(camera=text, query=text))

    source = export(tmp_path, report, title=text, baseline=report)

    page = Page(source)
    assert text not in source
    assert page.texts.count(text) > 3
    assert not {"img", "b"} & set(page.tags)


def test_time_not_observed_is_an_empty_cell_and_a_hole(tmp_path: Path):
    source = export(tmp_path, report_of(make_row(0, mean_count=0.0, max_count=0), UNSEEN))

    assert "<td class=n>0.00</td><td class=n>0</td><td class=n>100.0%</td>" in source
    assert "<td class=n></td><td class=n></td><td class=n>0.0%</td>" in source
    assert re.search(r'"y":\[0\.0,null\]', source)


def test_page_speaks_korean(tmp_path: Path):
    page = Page(export(tmp_path, report_of(make_row(query="사람")), language="ko"))

    assert {"집계 보고서", "합계", "시간별 추이", "사람"} <= set(page.texts)


def test_comparison_names_the_other_period_and_the_change(tmp_path: Path):
    before = make_report(PERSON, NIGHT - timedelta(minutes=1), NIGHT, "1m", lambda *_: 1.0)

    page = Page(export(tmp_path, report_of(make_row()), baseline=before))

    assert "with 2026-03-01 20:59 KST to 2026-03-01 21:00 KST" in page.texts
    assert "+50.0%" in page.texts


def test_comparison_of_cameras_is_by_query(tmp_path: Path):
    other = report_of(make_row(camera="door", mean_count=3.0))

    page = Page(export(tmp_path, report_of(make_row()), baseline=other))

    assert "with camera door" in page.texts
    assert {"Mean: gate", "Mean: door", "-50.0%"} <= set(page.texts)


def test_table_of_a_long_report_is_short_and_covers_it_all(tmp_path: Path):
    start = datetime(2026, 3, 2, tzinfo=SEOUL)
    report = make_report(PERSON, start, start + timedelta(days=2), "1m", lambda *_: 1.0)

    page = Page(export(tmp_path, report))

    assert "Counts per 15 min" in page.texts
    assert "2026-03-02 00:00" in page.texts
    assert "2026-03-03 23:45" in page.texts
    assert page.tags.count("tr") < 250
