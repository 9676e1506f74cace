import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ovd.bootstrap import detectors
from tests.clips import make_sound, make_steady_clip

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
pytestmark = pytest.mark.weights


def read_rows(database: Path, statement: str) -> list[tuple]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_count_prints_what_it_stored(ovd, data_dir):
    outcome = ovd(
        "count", SAMPLE, "-q", "person", "--duration", "0.5", "--camera", "campus", "--json"
    )

    result = outcome.json()
    (person,) = result["queries"]
    rows = read_rows(data_dir / "ovd.db", "SELECT count FROM frame_counts")
    counts = [count for (count,) in rows]
    assert outcome.exit_code == 0
    assert (result["camera"], result["frames_counted"], result["gap_s"]) == ("campus", 5, 0.0)
    assert result["frames_dropped"] == 0
    assert result["media_s"] == 0.5
    assert len(counts) == 5
    assert person["mean"] == pytest.approx(sum(counts) / 5)
    assert person["max"] == max(counts) > 0
    assert read_rows(data_dir / "ovd.db", "SELECT status FROM runs") == [("done",)]


def test_count_samples_in_media_time(ovd):
    result = ovd("count", SAMPLE, "-q", "person", "--fps", "2", "--duration", "2", "--json").json()

    assert (result["frames_counted"], result["media_s"]) == (4, 2.0)


def test_unsupported_query_beside_a_supported_one_has_no_counts(ovd, data_dir):
    result = ovd(
        "count", SAMPLE, "-q", "person", "-q", "unicorn", "--duration", "0.1", "--json"
    ).json()

    unicorn = result["queries"][1]
    assert (unicorn["query"], unicorn["supported"], unicorn["mean"], unicorn["frames"]) == (
        "unicorn",
        False,
        None,
        0,
    )
    assert read_rows(data_dir / "ovd.db", "SELECT text FROM queries") == [("person",)]


def test_count_refuses_when_nothing_can_be_counted(ovd, data_dir, tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4", frames=2)

    outcome = ovd("count", clip, "-q", "unicorn")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_query]: ")
    assert "unicorn" in outcome.stderr
    assert [path.name for path in data_dir.glob("*") if path.name != "cache"] == []


def test_refused_count_opens_no_network(ovd, tmp_path, monkeypatch):
    monkeypatch.setattr(detectors, "RUNTIME_CACHE", tmp_path / "compiled")

    outcome = ovd("count", SAMPLE, "-q", "unicorn")

    assert outcome.exit_code == 2
    assert not (tmp_path / "compiled").exists()


def test_annotated_video_plays_as_long_as_what_was_counted(ovd, tmp_path):
    import av

    out = tmp_path / "out.mp4"

    ovd("count", SAMPLE, "-q", "person", "--duration", "0.4", "--save-video", out)

    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 4


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.mp4"), (b"this is text\n" * 50, "text.mp4"), (None, "missing.mp4")],
    ids=["empty", "text", "missing"],
)
def test_what_is_no_video_cannot_be_opened(ovd, data_dir, tmp_path, content, name):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    outcome = ovd("count", tmp_path / name, "-q", "person")

    assert outcome.exit_code == 3
    assert outcome.stderr.startswith("error[source_unreadable]: ")
    assert not (data_dir / "ovd.db").exists()


def test_file_without_frames_cannot_be_opened(ovd, tmp_path):
    assert ovd("count", make_sound(tmp_path / "sound.mp4"), "-q", "person").exit_code == 3


def test_truncated_file_is_counted_up_to_the_break_and_then_a_gap(ovd, data_dir, tmp_path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(SAMPLE.read_bytes()[: SAMPLE.stat().st_size // 40])

    outcome = ovd("count", clip, "-q", "person", "--fps", "1", "--json")

    result = outcome.json()
    assert outcome.exit_code == 0
    assert result["gap_s"] > 60
    assert read_rows(data_dir / "ovd.db", "SELECT reason FROM gaps") == [("truncated file",)]
    assert result["media_s"] + result["gap_s"] == pytest.approx(79.5, abs=1.0)


def test_unreachable_url_shows_no_password(ovd):
    outcome = ovd("count", "rtsp://admin:hunter2@127.0.0.1:9/stream", "-q", "person")

    assert outcome.exit_code == 3
    assert "hunter2" not in outcome.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "bad_query"), ("x" * 10_000, "bad_query")],
    ids=["empty", "10000 characters"],
)
def test_bad_query_is_refused(ovd, text, code):
    outcome = ovd("count", SAMPLE, "-q", text)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"error[{code}]: ")
    assert len(outcome.stderr) < 1000


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--detector", "yolo", "unknown_detector"),
        ("--duration", "-1", "bad_input"),
        ("--fps", "0", "bad_input"),
        ("--min-score", "7", "bad_query"),
        ("--start-at", "yesterday", "bad_time"),
        ("--save-video", "out.avi", "bad_output"),
    ],
)
def test_bad_option_is_refused(ovd, option, value, code):
    outcome = ovd("count", SAMPLE, "-q", "person", option, value)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"error[{code}]: ")


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31T23:59:59", "1899-12-31T12:00:00Z"])
def test_start_far_away_is_refused_with_the_years_that_are_possible(ovd, moment):
    outcome = ovd("count", SAMPLE, "-q", "person", "--start-at", moment)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_time]: ")
    assert "1900 to 2200" in outcome.stderr


def test_corrupt_database_is_exit_4_and_left_as_it_is(ovd, tmp_path):
    database = tmp_path / "broken.db"
    database.write_bytes(b"no database " * 1000)

    outcome = ovd("count", SAMPLE, "-q", "person", "--db", f"sqlite:///{database}")

    assert outcome.exit_code == 4
    assert outcome.stderr.startswith("error[store_corrupt]: ")
    assert database.read_bytes() == b"no database " * 1000


def test_changed_weights_are_refused(ovd, tmp_path, monkeypatch):
    weights = Path(__file__).resolve().parents[2] / "weights"
    copy = tmp_path / "weights"
    copy.mkdir()
    for file in weights.iterdir():
        if file.suffix in (".toml", ".safetensors", ".json"):
            (copy / file.name).symlink_to(file)
    network = copy / "ovdense.safetensors"
    data = bytearray(network.read_bytes())
    data[-1] ^= 1
    network.unlink()
    network.write_bytes(data)
    monkeypatch.setenv("OVD_WEIGHTS_DIR", str(copy))

    outcome = ovd("count", SAMPLE, "-q", "person")

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("error[weights_checksum]: ")


def test_ctrl_c_writes_everything_counted(data_dir):
    command = [sys.executable, "-m", "ovd", "count", str(SAMPLE), "-q", "person", "--realtime"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--json"],
        stdout=subprocess.PIPE,
        env=os.environ | {"OVD_DATA_DIR": str(data_dir), "OVD_FLUSH_INTERVAL_S": "0.1"},
    )
    database = data_dir / "ovd.db"
    while process.poll() is None:
        if (
            database.exists()
            and read_rows(database, "SELECT 1 FROM sqlite_master WHERE name = 'frame_counts'")
            and read_rows(database, "SELECT 1 FROM frame_counts LIMIT 1")
        ):
            process.send_signal(signal.SIGINT)
            break
    try:
        stdout, _ = process.communicate(timeout=60)
    finally:
        process.kill()

    result = json.loads(stdout)
    assert process.returncode == 0
    assert read_rows(database, "SELECT count(*) FROM frame_counts") == [(result["frames_counted"],)]
    assert read_rows(database, "SELECT status FROM runs") == [("stopped",)]


ZONES = """
[[zones]]
name = "road"
kind = "polygon"
points = [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]
[[zones]]
name = "door"
kind = "line"
points = [[0.5, 0.1], [0.5, 0.9]]
"""


def test_count_tells_what_happened_at_zones(ovd, data_dir, tmp_path):
    zones = tmp_path / "zones.toml"
    zones.write_text(ZONES)
    options = ("-q", "person", "--fps", "5", "--duration", "3", "--json")

    result = ovd("count", SAMPLE, *options, "--zones", zones).json()

    (person,) = result["queries"]
    road, door = result["zones"]
    assert person["unique"] >= 3
    assert (road["zone"], road["query"], road["in"], road["out"]) == ("road", "person", None, None)
    assert road["entered"] == road["left"] >= 3
    assert road["mean_dwell_s"] > 0
    assert (door["entered"], door["mean_dwell_s"]) == (None, None)
    assert door["in"] >= 0
    assert door["out"] >= 0
    events = read_rows(data_dir / "ovd.db", "SELECT kind, count(*) FROM zone_events GROUP BY kind")
    assert dict(events)["enter"] == road["entered"]
    tracks = read_rows(data_dir / "ovd.db", "SELECT count(*) FROM tracks")
    assert tracks == [(person["unique"],)]


def test_bad_zones_are_refused_before_anything_is_counted(ovd, data_dir, tmp_path):
    zones = tmp_path / "zones.toml"
    zones.write_text(ZONES.replace("0.98", "1.98"))

    outcome = ovd("count", SAMPLE, "-q", "person", "--zones", zones)

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_zone]: ")
    assert not (data_dir / "ovd.db").exists()


def test_recording_counted_under_the_name_of_a_camera_leaves_its_address(ovd, data_dir):
    address = "rtsp://viewer:{GATE_PASSWORD}@192.0.2.7/stream1"
    ovd("cameras", "add", "gate", address)
    options = ("-q", "person", "--fps", "2", "--duration", "0.5", "--camera", "gate", "--json")

    outcome = ovd("count", SAMPLE, *options)

    (camera,) = ovd("cameras", "list", "--json").json()
    assert outcome.json()["camera"] == "gate"
    assert f"go to camera 'gate', which keeps its address {address}" in outcome.stderr
    assert camera["uri"] == address
    assert read_rows(data_dir / "ovd.db", "SELECT DISTINCT camera_id FROM frame_counts") == [(1,)]


def test_first_count_of_a_camera_needs_no_note(ovd):
    outcome = ovd("count", SAMPLE, "-q", "person", "--fps", "2", "--duration", "0.5", "--json")

    assert "keeps its address" not in outcome.stderr


def test_without_a_query_the_saved_ones_are_counted(ovd):
    ovd("queries", "add", "사람")
    ovd("queries", "add", "vehicle except bus")

    outcome = ovd("count", SAMPLE, "--fps", "2", "--duration", "0.5", "--json")

    counted = [entry["query"] for entry in outcome.json()["queries"]]
    assert counted == ["사람", "vehicle except bus"]
    assert "counting the saved queries: '사람', 'vehicle except bus'" in outcome.stderr


def test_queries_that_count_the_same_are_counted_once_and_reported_by_any_form(ovd, tmp_path):
    typed = ("-q", "person", "-q", "persn", "-q", "보행자")
    outcome = ovd("count", SAMPLE, *typed, "--fps", "2", "--duration", "0.5", "--json")

    report = ovd("report", "-q", "보행자", "--bucket", "1h", "--out", tmp_path / "counts.csv")

    assert [entry["query"] for entry in outcome.json()["queries"]] == ["person"]
    assert "note: '보행자' is already counted as 'person'" in outcome.stderr
    assert report.exit_code == 0, report.stderr


def test_a_query_that_is_given_wins_over_the_saved_ones(ovd):
    ovd("queries", "add", "car")

    outcome = ovd("count", SAMPLE, "-q", "person", "--fps", "2", "--duration", "0.5", "--json")

    assert [entry["query"] for entry in outcome.json()["queries"]] == ["person"]
    assert "saved" not in outcome.stderr


def test_without_any_query_nothing_is_counted(ovd):
    outcome = ovd("count", SAMPLE, "--duration", "0.5")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_query]: no query was given and none is saved")
    assert outcome.stdout == ""
