"""Attacks on the whole app that no other test tries; docs/security.md lists all of them."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ovd.api.app import build_api
from ovd.domain.access import Role
from ovd.services.access.passwords import HashCost, PasswordHasher
from ovd.web.access.check import AccessCheck
from ovd.web.access.policy import AccessPolicy
from ovd.web.limits import BodyLimit, BodyLimits
from ovd.web.listener import open_listener
from ovd.web.server import build_server
from tests.stages import WAIT_S, Stage
from tests.web.site import ROOT, add_user, issue_token, sign_in, visit

TRAVERSALS = (
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=../../../../etc/passwd",
    "/file=/etc/passwd",
    "/docs/..%2f..%2f..%2fetc%2fpasswd",
    "/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/api/v1/evidence/..%2f..%2fetc%2fpasswd.jpg",
    "/api/v1/cameras/..%2f..%2fetc%2fpasswd/frame.jpg",
    "/stream/..%2f..%2fetc%2fpasswd",
)


def test_path_leads_out_of_no_folder(stage: Stage):
    async def act(client: httpx.AsyncClient) -> list[tuple[int, bool]]:
        answers = [await client.get(path) for path in TRAVERSALS]
        return [(answer.status_code, "root:" in answer.text) for answer in answers]

    outcomes = visit(stage, act)

    assert all(status in (400, 403, 404) for status, _ in outcomes), outcomes
    assert not any(leaked for _, leaked in outcomes)


def test_gradio_gives_no_file_of_the_data_folder(stage: Stage):
    database = stage.services.settings.data_dir / "counts.db"

    async def act(client: httpx.AsyncClient) -> int:
        return (await client.get(f"/gradio_api/file={database}")).status_code

    assert visit(stage, act) in (403, 404)


def test_no_route_answers_without_access(stage: Stage):
    """Every route of the app, page and API, by its own table."""
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> set[tuple[str, int]]:
        paths = {
            "/api/v1" + path.replace("{", "").replace("}", "") for path in (await api_paths(stage))
        }
        paths |= {
            "/",
            "/config",
            "/docs",
            "/openapi.json",
            "/live?tab=x",
            "/theme.css",
            "/stream/x",
        }
        paths |= {
            "/theme.css",
            "/gradio_api/queue/data?session_hash=x",
            "/gradio_api/heartbeat/x",
            "/svelte/x",
        }
        return {(path, (await client.get(path)).status_code) for path in paths}

    refused = visit(stage, act)

    public = {"/api/v1/health/live", "/api/v1/health/ready"}
    assert {path for path, status in refused if status not in (401, 404)} <= public


async def api_paths(stage: Stage) -> list[str]:
    return list(build_api(None).openapi()["paths"])  # type: ignore[arg-type]


def test_answers_allow_no_other_site_to_read_them(stage: Stage):
    async def act(client: httpx.AsyncClient) -> list[httpx.Headers]:
        foreign = {"Origin": "http://evil.example", "Sec-Fetch-Mode": "navigate"}
        paths = ("/", "/api/v1/cameras", "/login")
        return [(await client.get(path, headers=foreign)).headers for path in paths]

    for headers in visit(stage, act):
        assert headers.get("access-control-allow-origin", "") in ("", "null")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_names_with_markup_are_data_and_no_page(stage: Stage, name: str):
    stage.count(name)

    async def act(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/api/v1/cameras")

    answer = visit(stage, act)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["items"][0]["name"] == name


@pytest.mark.parametrize("name", ["a\r\nSet-Cookie: x=1", "a\nb", "a\x00b"])
def test_name_cannot_add_headers_or_lines(stage: Stage, name: str):
    async def act(client: httpx.AsyncClient) -> int:
        body = {"name": name, "uri": "rtsp://192.0.2.7/1", "queries": ["person"]}
        return (await client.post("/api/v1/cameras", json=body)).status_code

    assert visit(stage, act) == 400


def test_api_changes_nothing_for_a_cookie_without_csrf_token(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> list[int]:
        await sign_in(client)
        token = (await client.get("/api/v1/session")).json()["csrf_token"]
        body = {"text": "person"}
        bare = await client.post("/api/v1/queries", json=body)
        own = await client.post("/api/v1/queries", json=body, headers={"X-CSRF-Token": token})
        return [bare.status_code, own.status_code]

    assert visit(stage, act) == [403, 201]


def test_session_of_the_api_ends_everywhere(stage: Stage):
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> list[int]:
        await sign_in(client)
        first = dict(client.cookies)
        client.cookies.clear()
        await sign_in(client)
        token = (await client.get("/api/v1/session")).json()["csrf_token"]
        ended = await client.delete(
            "/api/v1/session", params={"everywhere": "true"}, headers={"X-CSRF-Token": token}
        )
        client.cookies.clear()
        client.cookies.update(first)
        return [ended.status_code, (await client.get("/api/v1/session")).status_code]

    assert visit(stage, act) == [204, 401]


def test_viewer_of_one_camera_changes_nothing_on_the_page(stage: Stage):
    token = issue_token(stage, Role.VIEWER, ("yard",))
    add_user(stage)

    async def act(client: httpx.AsyncClient) -> list[int]:
        stop = await client.post("/api/v1/cameras/yard/stop")
        upload = await client.post("/gradio_api/upload", files={"files": b"x"})
        return [stop.status_code, upload.status_code]

    assert visit(stage, act, token=token) == [403, 403]


def test_unknown_user_takes_as_long_as_a_wrong_password():
    hasher = PasswordHasher(HashCost(memory_kib=8192, passes=2))
    stored = hasher.hash("correct horse battery")

    def median_s(hashed: str) -> float:
        times = []
        for _ in range(15):
            begin = time.perf_counter()
            hasher.verify(hashed, "a wrong password")
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    median_s("")
    known, unknown = median_s(stored), median_s("")

    assert unknown > known / 3
    assert known > unknown / 3


async def _read_all(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def _post(app: BodyLimits, content: bytes | AsyncIterator[bytes]) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.post("/big", content=content)

    return asyncio.run(run())


def test_body_that_is_too_large_is_not_read():
    answer = _post(BodyLimits(_read_all, [BodyLimit("/big", 10)]), b"x" * 11)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_body_that_lies_about_its_length_is_cut_off():
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"xxxxx"

    answer = _post(BodyLimits(_read_all, [BodyLimit("/big", 10)]), chunks())

    assert answer.status_code == 413


def test_body_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ovd.web.limits.LONGEST_SILENCE_S", 0.05)

    async def run() -> int:
        sent: list[int] = []
        pending = [{"type": "http.request", "body": b"x", "more_body": True}]

        async def receive() -> dict[str, object]:
            if pending:
                return pending.pop()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                sent.append(int(str(message["status"])))

        scope: Scope = {"type": "http", "method": "POST", "path": "/big", "headers": []}
        await BodyLimits(_read_all, [])(scope, receive, send)  # type: ignore[arg-type]
        return sent[0]

    assert asyncio.run(asyncio.wait_for(run(), WAIT_S)) == 408


def _exchange(sent: bytes) -> bytes:
    """Send bytes to a real server and return all it answers until it hangs up."""

    async def run() -> bytes:
        with open_listener("127.0.0.1", 0) as listener:
            server = build_server(lambda _: FastAPI())
            running = asyncio.create_task(server.serve(sockets=[listener]))
            reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            writer.write(sent)
            answer = await asyncio.wait_for(_read_to_the_end(reader), WAIT_S)
            writer.close()
            server.should_exit = True
            await running
            return answer

    return asyncio.run(run())


async def _read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Read until the server hangs up, also if it does so before it has read everything."""
    answer = b""
    with suppress(ConnectionResetError):
        while block := await reader.read(65536):
            answer += block
    return answer


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nHost : y\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_request_that_two_servers_could_read_differently_ends_the_connection(head: bytes):
    answer = _exchange(head)

    assert answer.count(b"HTTP/1.1 ") <= 1
    assert not answer or answer.startswith(b"HTTP/1.1 400")


def test_head_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ovd.web.protocol.HEAD_S", 0.2)

    assert _exchange(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""


def test_stream_ends_soon_after_its_session(monkeypatch: pytest.MonkeyPatch, stage: Stage):
    """The check is made again while an endless answer is sent."""
    monkeypatch.setattr("ovd.web.access.check.RECHECK_S", 0.0)
    token = issue_token(stage, Role.VIEWER)
    access = stage.services.access

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(1000):
            if number == 3:
                access.tokens.revoke(ROOT, "viewer-token")
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def run() -> bytes:
        app = AccessCheck(endless, lambda: access.login, AccessPolicy())
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = await client.get("/", headers={"Authorization": f"Bearer {token}"})
            return answer.content

    assert asyncio.run(run()) == b"xxx"
