from dataclasses import replace

import pytest

from ovd.texts.page import ENGLISH
from ovd.ui.html.report_table import report_table
from tests.ui.samples import ROW, UNSEEN


def test_report_table_names_a_time_once():
    rows = [ROW, replace(ROW, query="car", mean_count=0.0, max_count=0)]

    html = report_table(rows, "1m", ENGLISH)

    assert html.count("2026-03-01 12:00") == 1
    assert 'rowspan="2"' in html
    assert "2.50" in html
    assert "90%" in html


def test_report_table_shows_no_numbers_where_nothing_was_observed():
    html = report_table([UNSEEN], "1m", ENGLISH)

    assert "not observed" in html
    assert ">0" not in html


@pytest.mark.parametrize(
    ("bucket", "shown"), [("1s", "2026-03-01 12:00:00<"), ("1d", "2026-03-01<")]
)
def test_report_table_is_as_precise_as_its_buckets(bucket: str, shown: str):
    assert shown in report_table([ROW], bucket, ENGLISH)


def test_report_table_tells_what_was_not_judged_beside_the_mean():
    html = report_table([replace(ROW, mean_pending=0.5, mean_unknown=1.0)], "1m", ENGLISH)

    assert "+ 1.50 ?" in html
    assert "1.50 not judged: may match too" in html
