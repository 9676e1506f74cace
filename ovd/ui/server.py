"""The web server: Gradio's page and our routes in one process, on one port."""

import asyncio
import contextlib
import errno
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable

import gradio as gr
import uvicorn
from anyio.to_thread import run_sync
from fastapi import FastAPI
from gradio.routes import App as GradioApp
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ovd.bootstrap import Services
from ovd.errors import PortInUseError, SettingsError
from ovd.ui.stream import add_stream_route
from ovd.ui.theme import FAVICON, STYLE_SHEET, build_theme

SHUTDOWN_S = 3
LARGEST_UPLOAD = "4gb"
_BUSY = (errno.EADDRINUSE, errno.EACCES)
# Gradio compiles its templates in the page, hence eval; no other host is ever asked for anything.
_CONTENT_POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)


def open_listener(host: str, port: int) -> socket.socket:
    """Take the address, so that nothing is started for a server that cannot be reached.

    Args:
        host: Address or name to listen on.
        port: Port, 0 picks a free one.

    Raises:
        PortInUseError: If another process listens there.
        SettingsError: If the address does not belong to this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise SettingsError(f"cannot listen on host {host!r}: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in _BUSY:
            raise PortInUseError(
                f"port {port} on {host} is in use by another process; stop it or choose another "
                "port with --port, 0 for any free one"
            ) from error
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def require_free_port(host: str, port: int) -> None:
    """Fail before anything is started when the app could not be reached.

    Raises:
        PortInUseError: If another process listens there.
        SettingsError: If the address does not belong to this machine.
    """
    open_listener(host, port).close()


class _SelfContained:
    """ASGI middleware: tells browsers that a page of ours needs no other host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _CONTENT_POLICY
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        await self._app(scope, receive, send_with_policy)


class AppServer(uvicorn.Server):
    """uvicorn, telling endless responses to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, closing: threading.Event) -> None:
        super().__init__(config)
        self._closing = closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live streams and Gradio's heartbeats, then shut down."""
        self._closing.set()
        for route in self.config.app.routes:  # type: ignore[union-attr]
            if isinstance(getattr(route, "app", None), GradioApp):
                route.app.stop_event.set()
        await super().shutdown(sockets)


def build_web_app(services: Services, blocks: gr.Blocks, closing: threading.Event) -> FastAPI:
    """The page and our routes as one application; it runs schedules and closes the services.

    Args:
        services: What the page works with.
        blocks: The page.
        closing: Set when live streams are to end.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        services.scheduled.start()
        yield
        closing.set()
        await run_sync(services.close)

    web = FastAPI(title="ovd", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    web.add_middleware(_SelfContained)
    add_stream_route(web, services.fleet, closing.is_set)
    gr.mount_gradio_app(
        web,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        favicon_path=str(FAVICON),
        max_file_size=LARGEST_UPLOAD,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        theme=build_theme(),
        css_paths=[STYLE_SHEET],
    )
    return web


def run_server(
    services: Services, build_page: Callable[[], gr.Blocks], listener: socket.socket
) -> None:
    """Serve until SIGINT or SIGTERM; then end runs, write what is queued and return.

    Args:
        services: What the page works with; closed in the end.
        build_page: Makes the page, called inside the event loop: Gradio would leave loops of its
            own behind otherwise.
        listener: Where to listen.
    """

    async def run() -> None:
        closing = threading.Event()
        config = uvicorn.Config(
            build_web_app(services, build_page(), closing),
            log_level="warning",
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        await AppServer(config, closing).serve(sockets=[listener])

    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"ovd is ready at http://{shown}:{port}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
