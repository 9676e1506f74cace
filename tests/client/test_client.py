import asyncio
import threading
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from ovd.client import ApiError, AsyncClient, Client
from ovd.client.calls import parse_event
from ovd.web.api import LazyApi
from tests.api.conftest import Client as Api
from tests.api.conftest import api
from tests.api.test_requests import make_png
from tests.stages import stage
from tests.web.identities import As

__all__ = ["api", "stage"]


@pytest.fixture
def site(api: Api) -> Starlette:
    inner = LazyApi(api.context)
    return Starlette(routes=[Mount("/api/v1", As(inner, api.identity))])


@pytest.fixture
def client(site: Starlette) -> Client:
    return Client("http://testserver", token="ovd_x", http=TestClient(site))


def test_cameras_are_typed_answers(client: Client):
    client.add_camera("정문/1", "rtsp://192.0.2.7/1", ["person"], fps=2)

    [camera] = client.cameras()

    assert (camera["name"], camera["fps"]) == ("정문/1", 2.0)
    assert client.camera("정문/1") == camera
    assert client.change_camera("정문/1", enabled=False)["state"] == "stopped"
    client.remove_camera("정문/1")
    assert client.cameras() == []


def test_refusal_is_an_error_with_its_code(client: Client):
    with pytest.raises(ApiError, match="nowhere") as refused:
        client.camera("nowhere")

    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_all_pages_of_counts_are_read(client: Client, api: Api):
    api.stage.count("gate")

    rows = list(client.counts(bucket="1s", limit="1", to="2026-03-01T12:00:05Z"))

    assert len(rows) == 5
    assert len(client.report(bucket="1s", format="csv")) > 0
    assert [run["camera"] for run in client.runs()] == ["gate"]


def test_long_work_is_a_job(client: Client, api: Api):
    api.stage.count("gate")

    job = client.submit_report(bucket="1s", format="csv")

    done = threading.Event()
    api.context.jobs.submit(api.identity, "last", "", lambda _: done.set())
    assert done.wait(10.0)
    assert client.job(job["id"])["state"] == "done"
    assert b"camera,query" in client.job_result(job["id"])
    assert client.cancel_job(job["id"])["state"] == "done"
    assert [job["kind"] for job in client.jobs()] == ["last"]


def test_queries_and_zones_are_changed(client: Client):
    client.add_camera("gate", "rtsp://192.0.2.7/1", ["person"])
    zone = {"name": "door", "kind": "line", "points": [[0.1, 0.5], [0.9, 0.5]], "anchor": "center"}
    saved = client.add_query("person")

    assert client.replace_zones("gate", [zone]) == client.zones("gate") == [zone]  # type: ignore[list-item]
    assert client.queries() == [saved]
    client.remove_query(saved["id"])
    assert [reading["read_as"] for reading in client.read_query("car")] == ["car"]


def test_alert_rules_are_typed_answers(client: Client):
    client.add_camera("gate", "rtsp://192.0.2.7/1", ["person"])

    added = client.add_alert(name="정문", query="person", when="present", cameras=["gate"])

    assert client.alerts() == [added]
    assert client.change_alert("정문", for_s=5)["for_s"] == 5.0
    assert client.snooze_alert("정문")["snoozed_until"]
    assert list(client.alert_log()) == []
    with pytest.raises(ApiError, match="tells no target"):
        client.test_alert("정문")
    client.remove_alert("정문")
    assert client.alerts() == []


def test_image_is_sent(client: Client, tmp_path: Path):
    path = tmp_path / "a.png"
    path.write_bytes(make_png())

    found = client.detect(path, ["person"], min_score=0.5)

    assert (found["image"], len(found["detections"])) == ("a.png", 3)


def test_async_client_asks_the_same(site: Starlette, api: Api):
    async def ask() -> tuple[str, list[str]]:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(site))
        async with AsyncClient("http://testserver", http=http) as client:
            health = await client.health()
            return health["status"], [row["camera"] async for row in client.counts(bucket="1h")]

    api.stage.count("gate")

    assert asyncio.run(ask()) == ("ok", ["gate"])


def test_event_is_read_and_comment_is_not():
    assert parse_event([": beat"]) is None
    assert parse_event(["id: 7", "event: gap", 'data: {"camera": "gate"}']) == {
        "id": "7",
        "event": "gap",
        "data": {"camera": "gate"},
    }


def test_targets_and_schedules_are_typed_answers(client: Client):
    added = client.add_target("ops", "https://example.org/hooks/x", secret="k")

    assert client.targets() == [added]
    assert client.deliveries(status="dead") == []
    assert client.resend() == 0
    client.remove_target("ops")
    schedule = client.add_schedule(
        name="daily", every="daily", at="07:00", tz="Asia/Seoul", targets=["ops"]
    )
    assert client.schedules() == [schedule]
    assert client.change_schedule("daily", at="08:00")["at"] == "08:00"
    client.remove_schedule("daily")
    assert client.schedules() == []


def test_people_and_tokens_are_managed(client: Client):
    client.add_user("root", "correct horse battery", role="admin")
    added = client.add_user("bo", "correct horse battery", cameras=["gate"])
    token = client.add_token("script", role="operator", days=7)

    assert (added["role"], added["cameras"]) == ("viewer", ["gate"])
    assert client.change_user("bo", role="operator")["role"] == "operator"
    assert [user["name"] for user in client.users()] == ["bo", "root"]
    assert [item["name"] for item in client.tokens()] == ["script"]
    assert token["token"].startswith("ovd_")
    assert client.session()["name"]
    client.revoke_token("script")
    client.remove_user("bo")
    newest = [entry["action"] for entry in client.audit(limit="2")]
    assert newest[:2] == ["users.remove", "tokens.revoke"]


def test_records_sites_and_the_server_are_read(client: Client, api: Api):
    api.stage.count("gate")
    door = {"name": "door", "kind": "line", "points": [[0.1, 0.5], [0.9, 0.5]], "anchor": "center"}
    client.replace_zones("gate", [door])  # type: ignore[list-item]
    site = client.add_site(name="Shop", doors=[{"camera": "gate", "line": "door"}])

    assert client.site("Shop") == site == client.sites()[0]
    assert client.occupancy("Shop")["site"] == "Shop"
    assert client.reset_site("Shop", 3)["people"] == 3
    assert len(client.occupancy_history("Shop", bucket="1h")) > 0
    client.remove_site("Shop")
    assert list(client.gaps()) == list(client.events()) == list(client.evidence()) == []
    assert client.system()["version"]
    assert any(detector["in_use"] for detector in client.detectors())
    assert client.erase(cameras=["gate"], from_="2020-01-01")["tracks"] >= 0
    assert client.test_camera(name="gate")["problem"]
