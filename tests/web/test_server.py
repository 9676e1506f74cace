import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ovd.errors import PortInUseError
from ovd.settings import OidcSettings
from ovd.web.app import build_web_app
from ovd.web.listener import open_listener
from ovd.web.server import AppServer, ServeOptions, build_server, describe_open, serve
from tests.processes import end_program, run_program
from tests.stages import WAIT_S, Stage

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[tuple[httpx.AsyncClient, AppServer]]:
    """A server and a client of it; ended at the latest with the context."""
    with open_listener("127.0.0.1", 0) as listener:
        server = build_server(lambda closing: build_web_app(stage.services, closing))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as client:
            yield client, server
            server.should_exit = True
        async with asyncio.timeout(WAIT_S):
            await running


def test_server_ends_while_a_stream_is_watched(stage: Stage):
    async def watch() -> bytes:
        async with serving(stage) as (client, server), client.stream("GET", "/stream/gate") as seen:
            chunks = seen.aiter_raw()
            seen_so_far = b""
            while b"image/jpeg" not in seen_so_far:
                seen_so_far += await anext(chunks)
            server.should_exit = True
            return seen_so_far + b"".join([chunk async for chunk in chunks])

    stage.count()

    assert b"image/jpeg" in asyncio.run(watch())


def test_server_tells_that_it_is_ready_only_once_it_answers(stage: Stage):
    told: list[bool] = []

    async def start() -> None:
        with open_listener("127.0.0.1", 0) as listener:
            server: AppServer = build_server(
                lambda closing: build_web_app(stage.services, closing),
                lambda: told.append(server.started),
            )
            server.should_exit = True
            await server.serve(sockets=[listener])

    asyncio.run(start())

    assert told == [True]


def test_serve_refuses_a_port_in_use_and_starts_nothing(stage: Stage):
    with open_listener("127.0.0.1", 0) as taken, pytest.raises(PortInUseError):
        serve(stage.services, ServeOptions(port=taken.getsockname()[1]))

    assert stage.count().state == "done"


def test_server_with_single_sign_on_needs_no_user_to_serve_others(stage: Stage):
    oidc = OidcSettings(issuer="https://login.example.com", client_id="ovd", viewer=("staff",))
    settings = stage.services.settings.model_copy(update={"oidc": oidc})
    services = replace(stage.services, settings=settings)

    with open_listener("0.0.0.0", 0) as taken, pytest.raises(PortInUseError):
        serve(services, ServeOptions("0.0.0.0", taken.getsockname()[1]))


def test_who_may_do_what_without_users_is_told():
    assert "this machine alone" in describe_open("127.0.0.1")
    assert "whoever reaches this address" in describe_open("0.0.0.0")


_SERVE_AND_CLOSE = """
import sys
from contextlib import closing
from pathlib import Path
from ovd.web.server import ServeOptions, serve
from tests.stages import Stage

with closing(Stage(Path(sys.argv[1])).services) as services:
    serve(services, ServeOptions())
print("closed")
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_server_returns_after_a_signal_so_that_services_are_closed(
    tmp_path: Path, end: signal.Signals
):
    command = [sys.executable, "-c", _SERVE_AND_CLOSE, str(tmp_path)]
    with run_program(command, ROOT) as process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()

        assert end_program(process, end) == 0
        *notes, closed = process.stdout.read().splitlines()
        assert closed == "closed"
        assert "this machine alone may do everything" in notes[0]
