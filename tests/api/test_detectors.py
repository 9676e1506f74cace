import threading

from ovd.domain.access import Role
from ovd.services.jobs.service import Lane
from tests.api.conftest import Client, code_of
from tests.model.hub.hub_server import HubServer

WAIT_S = 10.0
FILES = {"config.json": b'{"model_type": "owlvit"}', "model.safetensors": b"weights"}


def wait_for_jobs(api: Client) -> None:
    done = threading.Event()
    api.context.jobs.submit(api.identity, "last", "", lambda _: done.set(), Lane.DOWNLOADS)
    assert done.wait(WAIT_S)


def test_other_jobs_do_not_wait_for_a_pull(api):
    begun, ended = threading.Event(), threading.Event()

    def pull(_):
        begun.set()
        assert ended.wait(WAIT_S)

    api.context.jobs.submit(api.identity, "pull", "", pull, Lane.DOWNLOADS)
    assert begun.wait(WAIT_S)
    reported = threading.Event()
    api.context.jobs.submit(api.identity, "report", "", lambda _: reported.set())
    assert reported.wait(WAIT_S)
    ended.set()


def test_model_is_pulled_by_a_job(api, monkeypatch):
    with HubServer("google/owlvit-base-patch32", dict(FILES)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        accepted = api.post("/detectors/owlvit-base/pull")
        wait_for_jobs(api)
    job = api.get(f"/jobs/{accepted.json()['id']}").json()
    result = api.get(f"/jobs/{job['id']}/result").json()
    rows = {row["name"]: row for row in api.get("/detectors").json()["items"]}

    assert accepted.status_code == 202
    assert accepted.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert (job["kind"], job["state"], job["error"]) == ("pull", "done", "")
    assert {file["path"] for file in result["files"]} == set(FILES)
    assert rows["owlvit-base"]["installed"]
    assert not rows["sam3"]["accepted"]


def test_failed_pull_says_why(api, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    accepted = api.post("/detectors/owlvit-base/pull")
    wait_for_jobs(api)
    job = api.get(f"/jobs/{accepted.json()['id']}").json()

    assert job["state"] == "failed"
    assert "cannot be reached" in job["error"]


def test_pull_is_for_admins(api):
    answer = api.acting_as(Role.OPERATOR).post("/detectors/owlvit-base/pull")

    assert code_of(answer) == (403, "forbidden")


def test_unknown_model_and_refused_licence_are_told_at_once(api):
    assert code_of(api.post("/detectors/yolo/pull"))[1] == "unknown_model"
    assert code_of(api.post("/detectors/sam3/pull"))[1] == "licence_not_accepted"
