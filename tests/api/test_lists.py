import csv
import io
import threading

import pytest

from ovd.domain.access import Role
from ovd.services.reports.rows import TYPED_COLUMNS, UNJUDGED_COLUMNS
from tests.api.conftest import Client, code_of
from tests.builders import make_frame, make_query
from tests.stages import WAIT_S


def count_two_minutes(api: Client) -> None:
    frames = [make_frame(i, time_s=i * 10.0, camera="gate") for i in range(12)]
    for query in ("person", "car"):
        api.stage.count("gate", frames, (make_query(query),))


def all_pages(api: Client, path: str, **params: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        given = params | ({"cursor": cursor} if cursor else {})
        page = api.get(path, params=given).json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


@pytest.mark.parametrize("limit", ["1", "2", "3", "1000"])
def test_pages_of_counts_together_are_the_report(api: Client, limit: str):
    count_two_minutes(api)
    report = api.post("/reports", json={"bucket": "1m"})
    rows = list(csv.DictReader(io.StringIO(report.content.decode("utf-8-sig"))))

    items = all_pages(api, "/counts", bucket="1m", limit=limit)

    assert [(item["camera"], item["query"]) for item in items] == [
        (row["camera"], row["query"]) for row in rows
    ]
    assert [str(item["max_count"]) for item in items] == [row["max_count"] for row in rows]
    assert set(items[0]) == {*rows[0], *UNJUDGED_COLUMNS, *TYPED_COLUMNS}


def test_bucket_without_observation_has_no_counts(api: Client):
    count_two_minutes(api)

    items = all_pages(api, "/counts", bucket="1m", to="2026-03-01T12:10:00+00:00")

    assert items[-1]["coverage"] == 0
    assert items[-1]["max_count"] is None


@pytest.mark.parametrize(
    "params",
    [
        {"bucket": "1w"},
        {"limit": "0"},
        {"limit": "1001"},
        {"tz": "Mars/Base"},
        {"tz": "../../etc/passwd"},
        {"from": "yesterday"},
        {"from": "9999-12-31T23:59:59-23:59"},
        {"camera": "nowhere"},
        {"query": "' OR 1=1 --"},
        {"cursor": "%%%"},
        {"cursor": "bnVsbA"},
        {"cursor": "WyJhIiwiYiIsImMiLCJkIiwiZSJd"},
        {"cursor": "x" * 2001},
    ],
)
def test_bad_parameter_of_counts_is_told(api: Client, params: dict[str, str]):
    count_two_minutes(api)

    answer = api.get("/counts", params=params)

    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error"}


def test_runs_are_paged_newest_first(api: Client):
    count_two_minutes(api)

    runs = all_pages(api, "/runs", limit="1")

    assert [run["status"] for run in runs] == ["done", "done"]
    assert runs[0]["id"] != runs[1]["id"]


def test_gaps_and_events_are_lists(api: Client):
    count_two_minutes(api)

    assert api.get("/gaps").json() == {"items": [], "next": None}
    assert api.get("/events").json() == {"items": [], "next": None}


def test_report_is_not_sent_again(api: Client):
    count_two_minutes(api)
    first = api.post("/reports", json={"format": "csv"})

    again = api.post("/reports", json={}, headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304


@pytest.mark.parametrize("format_name", ["csv", "json", "xlsx", "parquet", "html", "pdf"])
def test_report_comes_in_every_format(api: Client, format_name: str):
    count_two_minutes(api)

    answer = api.post("/reports", json={"format": format_name, "bucket": "1h"})

    assert answer.status_code == 200
    assert answer.content


def test_report_of_nothing_is_told(api: Client):
    assert code_of(api.post("/reports", json={})) == (400, "bad_input")


def test_health_tells_of_cameras_and_database(api: Client):
    api.stage.count("gate")
    api.context.services.overview.expire(cameras_changed=True)

    health = api.get("/health").json()

    assert health["status"] == "ok"
    assert [(camera["name"], camera["state"]) for camera in health["cameras"]] == [("gate", "done")]
    assert health["store"]["state"] == "good"
    assert set(health["detector"]) == {"runtime", "precision", "notes"}
    assert api.get("/health/live").json() == {"status": "ok"}
    assert api.get("/health/ready").json() == {"status": "ok"}


def test_detectors_and_schedules_are_listed(api: Client):
    assert "ovdense" in [item["name"] for item in api.get("/detectors").json()["items"]]
    assert api.get("/schedules").json()["items"] == []


def test_long_report_is_made_by_a_job(api: Client):
    count_two_minutes(api)
    direct = api.post("/reports", json={"bucket": "1m"})

    accepted = api.post("/reports", json={"bucket": "1m"}, headers={"Prefer": "respond-async"})
    done = threading.Event()
    api.context.jobs.submit(api.identity, "last", "", lambda _: done.set())
    assert done.wait(WAIT_S)
    result = api.get(f"/jobs/{accepted.json()['id']}/result")

    assert (accepted.status_code, accepted.json()["state"]) == (202, "queued")
    assert result.content == direct.content
    assert accepted.headers["location"] == f"/api/v1/jobs/{accepted.json()['id']}"


def test_report_of_very_many_rows_is_a_job(api: Client):
    count_two_minutes(api)
    body = {"bucket": "1s", "from": "2026-01-01T00:00:00Z", "to": "2026-01-03T00:00:00Z"}

    accepted = api.post("/reports", json=body)
    cancelled = api.delete(f"/jobs/{accepted.json()['id']}")

    assert accepted.status_code == 202
    assert cancelled.json()["state"] == "cancelled"


def test_viewer_of_some_cameras_is_told_of_no_others(api: Client):
    api.stage.count("yard")
    api.acting_as(Role.VIEWER, frozenset({"gate"}))

    answers = [
        api.get("/counts"),
        api.get("/counts", params={"camera": "gate"}),
        api.post("/reports", json={"cameras": ["gate"]}),
        api.post("/reports", json={}),
        api.get("/cameras/gate/frame.jpg"),
        api.get("/cameras/gate/frame.jpg?plain=true"),
        api.get("/cameras/gate/stream.mjpg"),
        api.get("/runs"),
        api.get("/health"),
    ]

    assert [answer.text for answer in answers if "yard" in answer.text] == []
    assert all(answer.status_code < 500 for answer in answers)
