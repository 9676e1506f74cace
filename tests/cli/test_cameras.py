import json
import logging
import sqlite3

import pytest

from tests.clips import make_steady_clip
from tests.mjpeg_server import MjpegServer
from tests.rtsp_server import RtspServerProcess

REFERENCE = "rtsp://viewer:{GATE_PASSWORD}@127.0.0.1:9/cam"


def test_added_camera_is_listed(ovd):
    ovd("cameras", "add", "gate", "rtsp://192.0.2.7/stream1")

    cameras = ovd("cameras", "list", "--json").json()

    assert [(camera["name"], camera["uri"]) for camera in cameras] == [
        ("gate", "rtsp://192.0.2.7/stream1")
    ]


def test_second_camera_of_a_name_is_refused(ovd):
    ovd("cameras", "add", "gate", "rtsp://192.0.2.7/stream1")

    outcome = ovd("cameras", "add", "gate", "rtsp://192.0.2.8/stream1")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_camera]: there is a camera 'gate' already")


def test_written_out_password_is_kept_encrypted_and_not_shown(ovd, data_dir):
    outcome = ovd("cameras", "add", "gate", "rtsp://viewer:s3cret@192.0.2.7/stream1")

    assert outcome.exit_code == 0
    assert "s3cret" not in outcome.stdout + outcome.stderr
    assert b"s3cret" not in (data_dir / "ovd.db").read_bytes()


def test_reference_is_kept_as_it_was_written(ovd, data_dir):
    outcome = ovd("cameras", "add", "gate", REFERENCE)

    with sqlite3.connect(data_dir / "ovd.db") as database:
        (uri,) = database.execute("SELECT uri FROM cameras").fetchone()
    database.close()
    assert (uri, outcome.stderr) == (REFERENCE, "")


def test_reference_without_value_is_named(ovd, monkeypatch):
    monkeypatch.delenv("GATE_PASSWORD", raising=False)
    ovd("cameras", "add", "gate", REFERENCE)

    outcome = ovd("cameras", "test", "gate")

    assert outcome.exit_code == 3
    assert "no variable GATE_PASSWORD" in outcome.stderr


def test_camera_is_tried_with_its_secret(ovd, monkeypatch, tmp_path):
    monkeypatch.setenv("GATE_PASSWORD", "pa/ss@1")
    clip = make_steady_clip(tmp_path / "clip.mp4")
    with RtspServerProcess(clip, login="viewer:pa/ss@1") as server:
        ovd("cameras", "add", "gate", server.url("viewer:{GATE_PASSWORD}"))
        facts = ovd("cameras", "test", "gate", "--json").json()

    assert (facts["width"], facts["height"], facts["fps"]) == (96, 64, 10.0)


def test_camera_that_cannot_be_reached_fails_its_test(ovd):
    ovd("cameras", "add", "gate", "rtsp://127.0.0.1:9/cam")

    outcome = ovd("cameras", "test", "gate")

    assert outcome.exit_code == 3
    assert "connection refused" in outcome.stderr


def test_recording_that_was_added_as_a_camera_fails_its_test(ovd, tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4")
    with MjpegServer([], clip) as server:
        ovd("cameras", "add", "gate", server.url("/clip.mp4"))

        outcome = ovd("cameras", "test", "gate")

    assert outcome.exit_code == 2
    assert "camera 'gate' is a recording" in outcome.stderr


@pytest.mark.parametrize("command", ["test", "remove"])
def test_unknown_camera_is_refused_with_the_known_ones(ovd, command):
    ovd("cameras", "add", "door", "webcam:7")

    outcome = ovd("cameras", command, "gate")

    assert outcome.exit_code == 2
    assert "known: door" in outcome.stderr


def test_removed_camera_is_gone_and_may_come_back(ovd):
    ovd("cameras", "add", "gate", "webcam:7")

    ovd("cameras", "remove", "gate")
    gone = ovd("cameras", "list", "--json").json()
    again = ovd("cameras", "add", "gate", "webcam:8")

    assert gone == []
    assert again.exit_code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("cameras", "add", "gate", "rtsp://admin:p@top/hunter2@127.0.0.1:1/x"),
        ("count", "rtsp://admin:p@top/hunter2@127.0.0.1:1/x", "-q", "person"),
        ("count", "admin:hunter2@127.0.0.1:1/x", "-q", "person", "--camera", "gate"),
        ("detect", "rtsp://admin:p@top/hunter2@127.0.0.1:1/x", "-q", "person"),
    ],
)
def test_password_that_is_not_encoded_is_neither_shown_nor_stored(ovd, data_dir, caplog, command):
    caplog.set_level(logging.DEBUG)

    outcome = ovd(*command)

    assert outcome.exit_code in (2, 3)
    assert "hunter2" not in outcome.stdout + outcome.stderr + caplog.text
    stored = [path.read_bytes() for path in data_dir.rglob("*") if path.is_file()]
    assert not any(b"hunter2" in content for content in stored)


def test_password_from_stdin_is_encoded_kept_and_shown_nowhere(ovd, data_dir, tmp_path):
    outcome = ovd(
        *("cameras", "add", "gate", "rtsp://viewer@192.0.2.7/1", "--password-stdin"),
        stdin="p/ss@1\n",
    )
    exported = ovd("cameras", "export", str(tmp_path / "cameras.json"))

    assert (outcome.exit_code, exported.exit_code) == (0, 0)
    shown = outcome.stdout + outcome.stderr + (tmp_path / "cameras.json").read_text()
    assert "ss" not in shown.replace("password", "")
    assert b"p/ss" not in (data_dir / "ovd.db").read_bytes()


def test_password_without_a_user_is_refused(ovd):
    outcome = ovd("cameras", "add", "gate", "rtsp://192.0.2.7/1", "--password-stdin", stdin="x\n")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_address]")


def test_what_a_camera_counts_is_listed(ovd):
    ovd(*("cameras", "add", "gate", "webcam:0", "-q", "person", "--fps", "2", "--disabled"))

    (camera,) = ovd("cameras", "list", "--json").json()

    assert camera["queries"] == [{"text": "person", "min_score": None}]
    assert (camera["fps"], camera["enabled"]) == (2.0, False)


def test_removed_name_that_is_added_again_says_that_its_history_goes_on(ovd, data_dir):
    ovd("cameras", "add", "gate", "webcam:0")
    with sqlite3.connect(data_dir / "ovd.db") as database:
        database.execute(
            "INSERT INTO runs (id, camera_id, detector, weights_sha256, started_at, status, error, "
            "owner_host, owner_pid, alive_at) VALUES (1, 1, 'fake', '', "
            "'2026-03-01 12:00:00.000000', 'done', '', 'here', 1, '2026-03-01 12:00:00.000000')"
        )
    database.close()
    removed = ovd("cameras", "remove", "gate")

    again = ovd("cameras", "add", "gate", "webcam:1")

    assert "its counts stay in reports" in removed.stdout
    assert again.stderr == "note: 'gate' continues its history\n"


@pytest.mark.weights
@pytest.mark.parametrize("command", ["add", "import"])
def test_queries_that_count_the_same_are_kept_once_and_told(ovd, tmp_path, command):
    uri, queries = "rtsp://192.0.2.7/stream1", ("person", "persn", "보행자", "car")
    if command == "add":
        typed = [part for text in queries for part in ("-q", text)]
        outcome = ovd("cameras", "add", "gate", uri, *typed)
    else:
        entry = {"name": "gate", "uri": uri, "queries": [{"text": text} for text in queries]}
        (tmp_path / "cameras.json").write_text(json.dumps({"version": 1, "cameras": [entry]}))
        outcome = ovd("cameras", "import", tmp_path / "cameras.json")

    (camera,) = ovd("cameras", "list", "--json").json()
    assert [query["text"] for query in camera["queries"]] == ["person", "car"]
    assert "note: 'persn' is already counted as 'person'" in outcome.stderr
