"""The ASGI application: the page and the streams it shows, below one path."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from ovd.api.context import ApiContext
from ovd.api.errors import answer_http
from ovd.bootstrap import Services, SettingsReloader, build_opener
from ovd.services.access.single_sign_on import SingleSignOn
from ovd.services.jobs.service import JobService
from ovd.services.streaming.feed import LiveFeed
from ovd.services.streaming.images import LiveImages
from ovd.services.streaming.jpegs import LiveJpegs
from ovd.services.streaming.uploads import UploadFolder
from ovd.settings import Settings
from ovd.ui.page import FRONTEND, build_page, mount_page
from ovd.video.clock import SystemClock
from ovd.video.decoding.limited import require_decodable
from ovd.web.access.check import AccessCheck
from ovd.web.access.login_page import LoginPage, add_login_routes
from ovd.web.access.origin import parse_networks
from ovd.web.access.policy import AccessPolicy
from ovd.web.api import PREFIX, LazyApi
from ovd.web.display.routes import add_display_routes
from ovd.web.docs import add_docs_routes
from ovd.web.headers import SecurityHeaders
from ovd.web.limits import BodyLimit, BodyLimits
from ovd.web.live.image import add_image_route
from ovd.web.live.socket import LiveSockets, add_live_socket
from ovd.web.live.streams import LiveStreams, add_live_route
from ovd.web.metrics import add_metrics_route
from ovd.web.requests import RequestLog
from ovd.web.root_path import RootPath
from ovd.web.static.assets import FrontendAssets
from ovd.web.static.installable import add_app_routes

# Uploads leave more on the disk than what old counts would be removed for.
LEFT_TO_COUNTS = 500_000_000
LARGE_BODIES = (
    BodyLimit("/gradio_api/upload", 4_000_000_000),
    BodyLimit("/api/v1/uploads", 4_000_000_000),
    BodyLimit("/api/v1/detect", 32_000_000),
    BodyLimit("/api/v1/preview", 4_000_000_000),
    BodyLimit("/api/v1/taught", 64_000_000),
    # With a logo in base64.
    BodyLimit("/api/v1/reports", 4_000_000),
    BodyLimit("/api/v1/schedules", 4_000_000),
)


def build_web_app(
    services: Services,
    closing: threading.Event,
    insecure: bool = False,
    reloader: SettingsReloader | None = None,
) -> FastAPI:
    """Build the application; call it inside the event loop, which Gradio looks for.

    What runs beside counting, such as scheduled reports, begins with it. The services stay open
    in the end: whoever opened them closes them.

    Args:
        services: What the page works with.
        closing: Set when endless responses are to end.
        insecure: Whether everyone may do everything while there are no users.
        reloader: Reads the settings again; None keeps them.
    """
    policy = build_policy(services.settings, insecure, services.alert_links.opens)
    page = build_page(services)
    streams = LiveStreams(page.live, closing.is_set)
    context = build_context(services, closing, reloader)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(services.start)
        context.jobs.start()
        running = asyncio.create_task(streams.run())
        yield
        closing.set()
        running.cancel()
        await asyncio.wait({running})
        await run_in_threadpool(context.close)

    web = FastAPI(
        title="ovd",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    add_checks(web, services, policy)
    add_sign_in(web, services)
    api = LazyApi(context)
    add_docs_routes(web, api.describe, services.settings.root_path)
    add_metrics_route(web, services)
    web.mount(PREFIX, api)
    _add_live(web, services, context, streams)
    web.state.live = page.live
    mount_page(web, page, services.settings.root_path)
    return web


def _add_live(web: FastAPI, services: Services, context: ApiContext, streams: LiveStreams) -> None:
    """Serve what windows are sent while they are open, and what is left of them without us."""
    add_app_routes(web)
    add_display_routes(web, services)
    add_image_route(web, services.fleet, context.broadcast)
    add_live_route(web, streams)
    images = LiveImages(services.fleet)
    add_live_socket(web, streams, LiveSockets(streams, images, context.closing))


def add_sign_in(web: FastAPI, services: Services) -> None:
    """Serve the login page, and the way to a provider where the settings name one."""
    settings, access = services.settings, services.access
    oidc = settings.oidc
    page = LoginPage(settings.ui_language, None if oidc is None else oidc.label)
    add_login_routes(web, access, page)
    if oidc is None:
        return
    from ovd.web.oidc.flow import FlowKeeper
    from ovd.web.oidc.provider import OidcProvider
    from ovd.web.oidc.routes import SignOnRoutes

    clock = SystemClock()
    sign_on = SingleSignOn(services.store.access, access.login, access.audit, oidc.roles)
    provider = OidcProvider(oidc, clock)
    SignOnRoutes(provider, sign_on, FlowKeeper(clock), page, settings.public_url).add_to(web)


def add_checks(web: FastAPI, services: Services, policy: AccessPolicy) -> None:
    """Let every request pass through these, the last one first; refusals have one shape."""
    web.add_exception_handler(HTTPException, answer_http)
    root_path = services.settings.root_path
    web.add_middleware(FrontendAssets, folder=FRONTEND, root_path=root_path)
    web.add_middleware(AccessCheck, login=lambda: services.access.login, policy=policy)
    web.add_middleware(BodyLimits, limits=LARGE_BODIES, root_path=root_path)
    web.add_middleware(SecurityHeaders)
    web.add_middleware(RootPath, root_path=root_path)
    web.add_middleware(RequestLog)


def build_context(
    services: Services, closing: threading.Event, reloader: SettingsReloader | None = None
) -> ApiContext:
    """Return what the routes of the API work with; the live feed begins."""
    feed = LiveFeed()
    if services.events is not None:
        services.events.subscribe("live feed", feed.handle)
    settings = services.settings
    uploads = UploadFolder(
        settings.data_dir / "uploads",
        lambda: build_opener(settings),
        require_decodable,
        settings.min_free_bytes + LEFT_TO_COUNTS,
    )
    jobs = JobService(services.store.jobs, settings.data_dir / "jobs", SystemClock())
    jpegs = LiveJpegs(services.fleet)
    reloader = reloader or SettingsReloader(services, lambda: settings)
    return ApiContext(services, jpegs, feed, uploads, jobs, closing.is_set, reloader.reload)


def build_policy(
    settings: Settings, insecure: bool, is_signed: Callable[[str, str], bool]
) -> AccessPolicy:
    """Return what the check lets pass.

    Args:
        settings: Proxies, host names and the root path.
        insecure: Whether everyone may do everything while there are no users.
        is_signed: Returns whether a path with its query carries a valid signature.

    Raises:
        SettingsError: If `trusted_proxies` holds something that is no address.
    """
    return AccessPolicy(
        proxies=parse_networks(_split(settings.trusted_proxies)),
        hosts=tuple(name.casefold() for name in _split(settings.allowed_hosts)),
        insecure=insecure,
        root_path=settings.root_path,
        has_sign_on=settings.oidc is not None,
        is_signed=is_signed,
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
