"""Serve the web app until the process is told to end."""

import asyncio
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from ovd.bootstrap import Services
from ovd.ui.page import end_heartbeats
from ovd.web.access.policy import require_users
from ovd.web.app import build_web_app
from ovd.web.listener import open_listener
from ovd.web.protocol import PatientProtocol

SHUTDOWN_S = 3
BuildApp = Callable[[threading.Event], FastAPI]
TellReady = Callable[[], None]


def say_nothing() -> None:
    """Ignore that the server answers."""


class AppServer(uvicorn.Server):
    """uvicorn, telling when it answers, and endless responses to end before it waits for them."""

    def __init__(
        self, config: uvicorn.Config, closing: threading.Event, tell_ready: TellReady
    ) -> None:
        super().__init__(config)
        self._closing = closing
        self._tell_ready = tell_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then tell so."""
        await super().startup(sockets)
        if self.started:
            self._tell_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live streams and Gradio's heartbeats, then shut down."""
        self._closing.set()
        if isinstance(self.config.app, FastAPI):
            end_heartbeats(self.config.app)
        await super().shutdown(sockets)


def build_server(build_app: BuildApp, tell_ready: TellReady = say_nothing) -> AppServer:
    """Build the server of an application; call it inside the event loop.

    Args:
        build_app: Builds the application, given the event that ends endless responses.
        tell_ready: Called once the server answers.
    """
    closing = threading.Event()
    config = uvicorn.Config(
        build_app(closing),
        log_level="warning",
        http=PatientProtocol,
        proxy_headers=False,  # AccessCheck reads them, and knows whom to believe
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return AppServer(config, closing, tell_ready)


def run_server(build_app: BuildApp, listener: socket.socket, root_path: str = "") -> None:
    """Serve until SIGINT or SIGTERM, then return.

    Args:
        build_app: As for `build_server`.
        listener: Where to listen.
        root_path: Path below which a proxy shows the app; for the address that is printed.
    """
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host

    def print_ready() -> None:
        sys.stdout.write(f"ovd is ready at http://{shown}:{port}{root_path}\n")
        sys.stdout.flush()

    async def run() -> None:
        await build_server(build_app, print_ready).serve(sockets=[listener])

    with _sigterm_as_interrupt(), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt for SIGTERM too, so that services are closed.

    uvicorn takes both signals while it serves, and raises them again after it has ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals do not reach other threads
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def serve(services: Services, host: str, port: int, insecure: bool = False) -> None:
    """Serve the page until SIGINT or SIGTERM; the services stay open.

    Args:
        services: What the page works with.
        host: Address to listen on.
        port: Port, 0 picks a free one; the address is printed.
        insecure: Whether everyone may do everything while there are no users.

    Raises:
        NoUsersError: If other machines could reach it, and there is no user.
        PortInUseError: If another process listens there; nothing was started.
        SettingsError: If the address does not belong to this machine.
    """
    require_users(host, services.access.login.has_users(), insecure)
    with open_listener(host, port) as listener:
        run_server(
            lambda closing: build_web_app(services, closing, insecure),
            listener,
            services.settings.root_path,
        )
