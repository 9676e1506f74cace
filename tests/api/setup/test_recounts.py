import threading
import time
from pathlib import Path

import pytest

from ovd.domain.access import Role
from ovd.domain.records import RunStatus
from ovd.services.jobs.service import JobControl, Lane
from tests.api.conftest import Client, api, code_of
from tests.clips import make_steady_clip
from tests.stages import Stage, stage

__all__ = ["api", "stage"]
WAIT_S = 20.0
BODY = {"queries": ["car"], "start_at": "2026-03-01T08:00:00Z"}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_steady_clip(tmp_path / "clip.mp4")


def upload(api: Client, clip: Path) -> str:
    with clip.open("rb") as file:
        answer = api.post("/uploads", files={"file": (clip.name, file)})
    return str(answer.json()["uri"])


def wait_for(api: Client, job_id: str) -> str:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        state = str(api.get(f"/jobs/{job_id}").json()["state"])
        if state not in ("queued", "running"):
            return state
    raise AssertionError("the job did not end")


def test_recount_adds_a_query_to_the_history_by_a_job(api: Client, stage: Stage, clip: Path):
    stage.count("gate")

    answer = api.post("/cameras/gate/recount", json=BODY | {"uri": upload(api, clip)})

    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert wait_for(api, job["id"]) == "done"
    counted = api.get(f"/jobs/{job['id']}/result").json()
    assert counted["camera"] == "gate"
    assert [entry["query"] for entry in counted["queries"]] == ["car"]
    assert counted["frames_counted"] > 0
    [run] = [run for run in stage.services.store.runs.all("gate") if run.id == counted["run_id"]]
    assert run.status is RunStatus.DONE


def test_query_that_was_counted_then_is_not_counted_twice(api: Client, stage: Stage, clip: Path):
    stage.count("gate")
    body = BODY | {"uri": upload(api, clip)}
    first, second = (api.post("/cameras/gate/recount", json=body).json()["id"] for _ in range(2))

    assert wait_for(api, first) == "done"
    assert wait_for(api, second) == "failed"
    assert "already counted" in api.get(f"/jobs/{second}").json()["error"]


def test_recount_that_is_cancelled_ends_its_run_in_order(api: Client, stage: Stage, clip: Path):
    stage.count("gate")
    begun, go_on = threading.Event(), threading.Event()
    detect = stage.services.detector.detect

    def detect_slowly(*arguments: object) -> object:
        begun.set()
        assert go_on.wait(WAIT_S)
        return detect(*arguments)  # type: ignore[arg-type]

    stage.services.detector.detect = detect_slowly  # type: ignore[method-assign,assignment]
    job = api.post("/cameras/gate/recount", json=BODY | {"uri": upload(api, clip)}).json()["id"]
    assert begun.wait(WAIT_S)

    answer = api.delete(f"/jobs/{job}")
    go_on.set()

    assert answer.json()["state"] == "cancelled"
    assert wait_until_ended(stage) is RunStatus.STOPPED


def wait_until_ended(stage: Stage) -> RunStatus:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        run = max(stage.services.store.runs.all("gate"), key=lambda run: run.id)
        if run.status is not RunStatus.RUNNING:
            return run.status
    raise AssertionError("the run did not end")


def test_report_does_not_wait_for_a_recount(api: Client):
    go_on, done = threading.Event(), threading.Event()

    def count(_: JobControl) -> None:
        go_on.wait(WAIT_S)

    api.context.jobs.submit(api.identity, "recount", "", count, Lane.COUNTING)
    api.context.jobs.submit(api.identity, "report", "", lambda _: done.set())

    assert done.wait(WAIT_S)
    go_on.set()


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("gate", {"uri": "rtsp://192.0.2.7/1"}, (400, "bad_input")),
        ("gate", {"uri": "/etc/passwd"}, (400, "bad_input")),
        ("gate", {"uri": "upload:../../etc/passwd"}, (404, "not_found")),
        ("nowhere", {}, (404, "not_found")),
        ("gate", {"queries": []}, (422, "invalid_request")),
        ("gate", {"start_at": "yesterday"}, (400, "bad_time")),
    ],
)
def test_recount_that_cannot_be_is_refused(
    api: Client, stage: Stage, clip: Path, path: str, body: dict[str, object], expected: object
):
    stage.count("gate")
    asked = BODY | {"uri": upload(api, clip)} | body

    assert code_of(api.post(f"/cameras/{path}/recount", json=asked)) == expected


def test_viewer_recounts_nothing(api: Client, stage: Stage):
    stage.count("gate")
    body = BODY | {"uri": "upload:x"}

    assert code_of(api.acting_as(Role.VIEWER).post("/cameras/gate/recount", json=body))[0] == 403
