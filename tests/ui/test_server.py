import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
import httpx
import pytest
import uvicorn

from ovd.errors import PortInUseError, SettingsError, StoreError
from ovd.ui.server import AppServer, build_web_app, open_listener, require_free_port
from tests.ui.stages import WAIT_S, Stage


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[tuple[httpx.AsyncClient, AppServer]]:
    """A server with a small page and a client of it; ended at the latest with the context."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.HTML("hello")
    closing = threading.Event()
    with open_listener("127.0.0.1", 0) as listener:
        web = build_web_app(stage.services, blocks, closing)
        server = AppServer(uvicorn.Config(web, log_level="error"), closing)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as client:
            yield client, server
            server.should_exit = True
        async with asyncio.timeout(WAIT_S):
            await running


def test_port_0_picks_a_free_one():
    with open_listener("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_port_in_use_is_refused():
    with (
        open_listener("127.0.0.1", 0) as taken,
        pytest.raises(PortInUseError, match=r"--port"),
    ):
        require_free_port("127.0.0.1", taken.getsockname()[1])


def test_free_port_stays_free():
    with open_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

    require_free_port("127.0.0.1", port)
    require_free_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_address_of_another_machine_is_refused(host: str):
    with pytest.raises(SettingsError, match="cannot listen"):
        require_free_port(host, 0)


def test_page_needs_no_other_host(stage: Stage):
    async def fetch() -> httpx.Response:
        async with serving(stage) as (client, _):
            return await client.get("/")

    answer = asyncio.run(fetch())

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "http" not in answer.headers["content-security-policy"]


def test_server_ends_while_a_stream_is_watched(stage: Stage):
    async def watch() -> bytes:
        async with serving(stage) as (client, server), client.stream("GET", "/stream/gate") as seen:
            chunks = seen.aiter_raw()
            first = await anext(chunks)
            server.should_exit = True
            return first + b"".join([chunk async for chunk in chunks])

    stage.count()

    assert b"image/jpeg" in asyncio.run(watch())


def test_end_of_the_server_closes_the_services(stage: Stage):
    async def come_and_go() -> None:
        async with serving(stage):
            stage.start()

    asyncio.run(come_and_go())

    with pytest.raises(StoreError, match="closed"):
        stage.start("yard")


def test_listener_is_ready_before_the_server_runs():
    with open_listener("127.0.0.1", 0) as listener:
        socket.create_connection(listener.getsockname(), WAIT_S).close()
