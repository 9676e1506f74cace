"""Serve the web app until the process is told to end."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from ovd.bootstrap import Services, SettingsReloader
from ovd.errors import OvdError
from ovd.settings import Settings
from ovd.ui.page import end_heartbeats
from ovd.web.access.origin import is_loopback
from ovd.web.access.policy import require_users
from ovd.web.app import build_web_app
from ovd.web.listener import open_listener
from ovd.web.protocol import PatientProtocol
from ovd.web.tls import TlsFiles

SHUTDOWN_S = 3
# Windows send little: which cameras they show.
LARGEST_MESSAGE = 65536
BuildApp = Callable[[threading.Event], FastAPI]
TellReady = Callable[[], None]
Reload = Callable[[], None]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServeOptions:
    """Options of a server.

    Attributes:
        host: Address to listen on.
        port: Port, 0 picks a free one.
        insecure: Whether everyone may do everything while there are no users.
        tls: Certificate and key; None serves plain HTTP.
        root_path: Path below which a proxy shows the app; for the address that is printed.
        read_settings: Reads the settings again for SIGHUP; None leaves them as they are.
        note: What is printed below the address; empty prints nothing.
    """

    host: str = "127.0.0.1"
    port: int = 0
    insecure: bool = False
    tls: TlsFiles | None = None
    root_path: str = ""
    read_settings: Callable[[], Settings] | None = None
    note: str = ""


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

    def reload_certificate(self) -> None:
        """Read the files of the certificate again; connections from now on get it.

        Raises:
            SettingsError: If they cannot be used; then the former one stays.
        """
        context, config = self.config.ssl, self.config
        if context is None or config.ssl_certfile is None:
            return
        files = TlsFiles(Path(config.ssl_certfile), Path(str(config.ssl_keyfile)))
        files.require_usable()
        context.load_cert_chain(files.cert, files.key)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live streams and Gradio's heartbeats, then shut down."""
        self._closing.set()
        if isinstance(self.config.app, FastAPI):
            end_heartbeats(self.config.app)
        await super().shutdown(sockets)


def build_server(
    build_app: BuildApp, tell_ready: TellReady = say_nothing, tls: TlsFiles | None = None
) -> AppServer:
    """Build the server of an application; call it inside the event loop.

    Args:
        build_app: Builds the application, given the event that ends endless responses.
        tell_ready: Called once the server answers.
        tls: Certificate and key; None serves plain HTTP.
    """
    closing = threading.Event()
    config = uvicorn.Config(
        build_app(closing),
        log_config=None,
        log_level="warning",
        access_log=False,
        http=PatientProtocol,
        ws="wsproto",
        ws_max_size=LARGEST_MESSAGE,
        proxy_headers=False,  # AccessCheck reads them, and knows whom to believe
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
        ssl_certfile=None if tls is None else tls.cert,
        ssl_keyfile=None if tls is None else tls.key,
    )
    return AppServer(config, closing, tell_ready)


def run_server(
    build_app: BuildApp, listener: socket.socket, options: ServeOptions, reload: Reload
) -> None:
    """Serve until SIGINT or SIGTERM, then return.

    Args:
        build_app: As for `build_server`.
        listener: Where to listen.
        options: How to serve.
        reload: Called for SIGHUP, in a thread.
    """
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "http" if options.tls is None else "https"

    def print_ready() -> None:
        sys.stdout.write(f"ovd is ready at {scheme}://{shown}:{port}{options.root_path}\n")
        sys.stdout.write(f"{options.note}\n" if options.note else "")
        sys.stdout.flush()

    async def run() -> None:
        server = build_server(build_app, print_ready, options.tls)

        def reload_all() -> None:
            _log_failure("the settings are as before", reload)
            if options.tls is not None:
                _log_failure("the certificate is as before", server.reload_certificate)

        with _on_hangup(reload_all):
            await server.serve(sockets=[listener])

    with _sigterm_as_interrupt(), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


def _log_failure(consequence: str, act: Callable[[], object]) -> None:
    try:
        act()
    except OvdError as error:
        _LOG.error("%s: %s", consequence, error)


@contextlib.contextmanager
def _on_hangup(act: Callable[[], None]) -> Iterator[None]:
    """Call something in a thread whenever SIGHUP comes."""
    loop = asyncio.get_running_loop()
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "SIGHUP"):
        yield
        return
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, act))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


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


def describe_open(host: str) -> str:
    """Return in words who may do what at an address while there are no users."""
    if is_loopback(host):
        return (
            "there are no users: this machine alone may do everything, without signing in, until "
            "there is one: ovd users add NAME --role admin"
        )
    return "there are no users, and --insecure: whoever reaches this address may do everything"


def serve(services: Services, options: ServeOptions) -> None:
    """Serve the page until SIGINT or SIGTERM; the services stay open.

    Args:
        services: What the page works with.
        options: How to serve; the address is printed.

    Raises:
        NoUsersError: If other machines could reach it, and there is no user.
        PortInUseError: If another process listens there; nothing was started.
        SettingsError: If the address does not belong to this machine.
        RuntimeUnavailableError: If no runtime can compute the detector's network here.
    """
    has_users = services.access.login.has_users() or services.settings.oidc is not None
    require_users(options.host, has_users, options.insecure)
    options = replace(options, note="" if has_users else describe_open(options.host))
    reloader = SettingsReloader(services, options.read_settings or (lambda: services.settings))

    def reload() -> None:
        reloaded = reloader.reload()
        _LOG.warning(
            "settings were read again: %s changed; %s change with the next start",
            ", ".join(reloaded.applied) or "none",
            ", ".join(reloaded.after_restart) or "none",
        )

    def build(closing: threading.Event) -> FastAPI:
        app = build_web_app(services, closing, options.insecure, reloader)
        services.wait_until_ready()
        return app

    with open_listener(options.host, options.port) as listener:
        run_server(build, listener, options, reload)
