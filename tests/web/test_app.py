import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Event

import httpx
import pytest
from fastapi import FastAPI

from ovd.web.app import build_web_app
from tests.stages import Stage


@asynccontextmanager
async def client_of(web: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web)
    async with (
        web.router.lifespan_context(web),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


def get(stage: Stage, path: str, root_path: str = "") -> httpx.Response:
    async def fetch() -> httpx.Response:
        settings = stage.services.settings.model_copy(update={"root_path": root_path})
        web = build_web_app(replace(stage.services, settings=settings), Event())
        async with client_of(web) as client:
            return await client.get(path)

    return asyncio.run(fetch())


def test_page_needs_no_other_host(stage: Stage):
    answer = get(stage, "/")

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "http" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/ovd/"])
def test_page_below_a_path_asks_for_everything_there(stage: Stage, path: str):
    """Some proxies take the path off, others leave it."""
    answer = get(stage, path, "/ovd")

    assert answer.status_code == 200
    assert '"root":"http://localhost/ovd"' in answer.text.replace(" ", "")


@pytest.mark.parametrize("path", ["/stream/nowhere", "/ovd/stream/nowhere"])
def test_streams_are_below_the_path_too(stage: Stage, path: str):
    assert "nowhere" in get(stage, path, "/ovd").json()["error"]["message"]


@pytest.mark.parametrize("path", ["/config", "/ovd/config"])
def test_gradio_s_routes_are_below_the_path_too(stage: Stage, path: str):
    assert get(stage, path, "/ovd").status_code == 200


def test_end_of_the_app_leaves_the_services_to_their_owner(stage: Stage):
    get(stage, "/")

    assert stage.count().state == "done"
