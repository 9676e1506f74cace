import csv
import json
from pathlib import Path

import pytest

from ovd.services.reports.export import FORMATS
from tests.builders import START, make_frame, make_result
from tests.store.databases import open_store


@pytest.fixture
def counted(data_dir: Path) -> Path:
    """A database with 20 frames at camera gate: counts 0 to 4, over and over."""
    store = open_store(f"sqlite:///{data_dir / 'ovd.db'}", 0.1)
    run = store.runs.start(store.cameras.record("gate", "gate.mp4"), "fake", "0" * 64, START)
    for index in range(20):
        store.counts.add_result(run, make_result(make_frame(index), {"=person": index % 5}))
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


@pytest.mark.parametrize("format_name", FORMATS)
def test_report_is_written_in_every_format_by_the_file_name(ovd, counted, tmp_path, format_name):
    path = tmp_path / f"counts.{format_name}"

    outcome = ovd("report", "--bucket", "1s", "--lang", "ko", "--json", "--out", path)

    assert outcome.json() == {"file": str(path), "format": format_name, "rows": 2}
    assert path.stat().st_size > 0


def test_report_compares_with_the_period_just_before(ovd, counted, tmp_path):
    ovd(
        *("report", "--bucket", "1s", "--from", "2026-03-01T12:00:01", "--compare", "previous"),
        *("--title", "Second two", "--out", tmp_path / "r.html"),
    )

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "with 2026-03-01 12:00 UTC to 2026-03-01 12:00:01 UTC" in page
    assert "<h1>Second two</h1>" in page


def test_report_compares_with_a_period_that_is_named(ovd, counted, tmp_path):
    ovd(
        *("report", "--bucket", "1s", "--tz", "Asia/Seoul", "--out", tmp_path / "r.html"),
        *("--compare-from", "2026-02-28T21:00"),
    )

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "with 2026-02-28 21:00 KST to 2026-02-28 21:00:02 KST" in page


def test_report_compares_two_cameras(ovd, counted, tmp_path):
    store = open_store(f"sqlite:///{counted / 'ovd.db'}", 0.1)
    run = store.runs.start(store.cameras.record("door", "door.mp4"), "fake", "0" * 64, START)
    store.counts.add_result(run, make_result(make_frame(0, camera="door"), {"=person": 4}))
    store.close()

    outcome = ovd(
        *("report", "--bucket", "1s", "--camera", "gate", "--compare-camera", "door"),
        *("--out", tmp_path / "r.html"),
    )

    assert outcome.exit_code == 0
    assert "with camera door" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--compare", "next"], "cannot compare with 'next'; known: previous"),
        (["--compare-to", "2026-03-01"], "--compare-to needs --compare-from"),
        (["--compare", "previous", "--compare-camera", "x"], "choose one of --compare"),
        (["--compare-camera", "gate"], "name the other by --camera"),
        (["--lang", "fr"], "no report language 'fr'; available: en, ko"),
        (["--compare", "previous", "--format", "csv"], "no comparison; choose xlsx, html, pdf"),
    ],
)
def test_comparison_that_makes_no_sense_writes_nothing(ovd, counted, tmp_path, options, message):
    outcome = ovd("report", *options, "--out", tmp_path / "o.html")

    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert not (tmp_path / "o.html").exists()


def test_buckets_finer_than_the_data_are_refused(ovd, data_dir, tmp_path):
    store = open_store(f"sqlite:///{data_dir / 'ovd.db'}", 0.1)
    run = store.runs.start(store.cameras.record("gate", "gate.mp4"), "fake", "0" * 64, START)
    for index in range(3):
        store.counts.add_result(run, make_result(make_frame(index, fps=0.2), {"person": 1}, 5.0))
    store.close()

    outcome = ovd("report", "--bucket", "1s", "--out", tmp_path / "o.csv")

    assert outcome.exit_code == 2
    assert "a frame was counted every 5 s; take 1m or coarser" in outcome.stderr
    assert not (tmp_path / "o.csv").exists()
