import csv
import json
from pathlib import Path

import pytest

from ovd.store import SqlCountStore
from tests.builders import START, make_frame, make_result


@pytest.fixture
def counted(data_dir: Path) -> Path:
    """A database with 20 frames at camera gate: counts 0 to 4, over and over."""
    store = SqlCountStore(f"sqlite:///{data_dir / 'ovd.db'}", 0.1)
    run = store.start_run(store.save_camera("gate", "gate.mp4"), "fake", "0" * 64, START)
    for index in range(20):
        store.add_result(run, make_result(make_frame(index), {"=person": index % 5}))
    store.close()
    return data_dir


def test_report_writes_csv_with_the_contract_columns(ovd, counted, tmp_path):
    outcome = ovd("report", "--bucket", "1s", "--out", tmp_path / "counts.csv")

    with (tmp_path / "counts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert outcome.exit_code == 0
    assert list(rows[0]) == [
        "camera",
        "query",
        "bucket_start",
        "bucket_end",
        "observed_s",
        "samples",
        "mean_count",
        "max_count",
        "unique",
        "in",
        "out",
        "coverage",
    ]
    assert [(row["samples"], row["mean_count"], row["max_count"]) for row in rows] == [
        ("10", "2.0", "4"),
        ("10", "2.0", "4"),
    ]
    assert rows[0]["query"] == "'=person"


def test_report_takes_the_format_from_the_option(ovd, counted, tmp_path):
    ovd(
        "report",
        "--bucket",
        "1d",
        "--tz",
        "Asia/Seoul",
        "--format",
        "json",
        "--out",
        tmp_path / "o",
    )

    (row,) = json.loads((tmp_path / "o").read_text(encoding="utf-8"))
    assert row["bucket_start"] == "2026-03-01T00:00:00+09:00"
    assert row["samples"] == 20


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--format", "docx"], "unknown_format"),
        (["--tz", "Mars/Olympus"], "bad_time"),
        (["--bucket", "2h"], "bad_time"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "bad_time"),
        (["--from", "soon"], "bad_time"),
        (["--camera", "door"], "bad_camera"),
        (["-q", "car"], "bad_input"),
    ],
)
def test_bad_request_writes_nothing(ovd, counted, tmp_path, options, code):
    outcome = ovd("report", *options, "--out", tmp_path / "o.csv")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"error[{code}]: ")
    assert not (tmp_path / "o.csv").exists()


def test_existing_file_is_kept_without_force(ovd, counted, tmp_path):
    (tmp_path / "o.csv").write_text("mine")

    refused = ovd("report", "--out", tmp_path / "o.csv")
    kept = (tmp_path / "o.csv").read_text()
    replaced = ovd("report", "--out", tmp_path / "o.csv", "--force")

    assert (refused.exit_code, kept) == (2, "mine")
    assert replaced.exit_code == 0


def test_database_that_does_not_exist_is_not_created(ovd, data_dir, tmp_path):
    outcome = ovd("report", "--out", tmp_path / "o.csv")

    assert outcome.exit_code == 4
    assert outcome.stderr.startswith("error[store_unavailable]: ")
    assert not data_dir.exists()
