"""A server as operators run it: first admin, HTTPS, JSON logs, metrics, reload, orderly end."""

import json
import re
import signal
import sqlite3
import ssl
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_access import CLIP, PASSWORD, environment
from tests.processes import ROOT, end_program, run_program

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
LONGEST_WAIT_S = 120
EXIT_S = 30


def wait_for_samples(client: httpx.Client, name: str) -> str:
    deadline = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < deadline:
        text = client.get("/metrics").text
        if re.search(rf"^{name}\{{.*\}} [1-9]", text, re.MULTILINE):
            return text
    raise AssertionError(f"no {name} in {text}")


def start_counting(client: httpx.Client) -> None:
    body = {"name": "admin", "password": PASSWORD}
    answer = client.post("/api/v1/session", json=body)
    csrf = {"X-CSRF-Token": answer.json()["csrf_token"]}
    with CLIP.open("rb") as file:
        sent = client.post("/api/v1/uploads", files={"file": file}, headers=csrf)
    camera = {"name": "campus", "uri": sent.json()["uri"], "queries": ["person"]}
    client.post("/api/v1/cameras", json=camera, headers=csrf)


def test_server_runs_from_its_first_start_to_its_end(tmp_path: Path):
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "ovd.toml").write_text("session_idle_h = 3.0\n")
    command = [sys.executable, "-m", "ovd", "serve", "--host", "0.0.0.0", "--port", "0"]
    command += ["--tls-self-signed", "--log-format", "json", "--log-level", "info"]
    variables = environment(tmp_path) | {
        "OVD_ADMIN_PASSWORD_FILE": str(tmp_path / "password"),
        "PYTHONPATH": str(ROOT),
    }
    log = tmp_path / "log"
    with (
        log.open("w") as writing,
        run_program(command, tmp_path, variables, writing) as process,
    ):
        assert process.stdout is not None
        added, made, ready = (process.stdout.readline() for _ in range(3))
        found = re.fullmatch(r"ovd is ready at https://\S+:(\d+)\n", ready)
        assert found, (added, made, ready, log.read_text())
        trusted = ssl.create_default_context(cafile=str(tmp_path / "tls" / "cert.pem"))
        with httpx.Client(
            base_url=f"https://127.0.0.1:{found[1]}", verify=trusted, timeout=30
        ) as client:
            start_counting(client)
            text = wait_for_samples(client, "ovd_frames_total")
            (tmp_path / "ovd.toml").write_text("session_idle_h = 4.0\nport = 1234\n")
            process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + EXIT_S
            while "settings were read again" not in log.read_text():
                assert time.monotonic() < deadline, log.read_text()
                client.get("/api/v1/health/live")
        assert end_program(process, signal.SIGTERM) == 0, log.read_text()

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    with sqlite3.connect(tmp_path / "ovd.db") as database:
        [(status, ended)] = database.execute("SELECT status, ended_at FROM runs").fetchall()
        [(written,)] = database.execute("SELECT count(*) FROM frame_counts").fetchall()
    counted = re.search(r'^ovd_frames_total\{camera="campus"\} (\d+)', text, re.MULTILINE)
    assert (added, made.partition(",")[0]) == ("added the user admin\n", "certificate made by ovd")
    assert counted
    assert written >= int(counted[1])
    assert (status, ended is None) == ("stopped", False)
    assert [line["run_id"] for line in lines if "the run ended" in line["message"]] == [1]
    assert any(line.get("request_id") and line.get("path") == "/metrics" for line in lines)
    [reloaded] = [line["message"] for line in lines if "read again" in line["message"]]
    assert "session_idle_h changed" in reloaded
