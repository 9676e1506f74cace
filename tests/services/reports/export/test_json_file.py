import json
from pathlib import Path

from ovd.services.reports.export import export_report
from ovd.services.reports.rows import COLUMNS
from tests.services.report_builders import UNSEEN, make_row, report_of


def test_json_is_a_list_of_objects_with_nulls(tmp_path: Path):
    path = tmp_path / "report.json"

    assert export_report(report_of(make_row(query="=사람"), UNSEEN), path, "json") == 2

    seen, unseen = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(seen) == COLUMNS
    assert (seen["query"], seen["mean_count"], seen["unique"]) == ("=사람", 1.5, None)
    assert seen["bucket_start"] == "2026-03-01T21:00:00+09:00"
    assert (unseen["mean_count"], unseen["max_count"], unseen["coverage"]) == (None, None, 0.0)


def test_json_without_rows_is_an_empty_list(tmp_path: Path):
    path = tmp_path / "report.json"

    assert export_report(report_of(), path, "json") == 0

    assert json.loads(path.read_text(encoding="utf-8")) == []
