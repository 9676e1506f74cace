"""The ASGI application: the page and the streams it shows, below one path."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

from fastapi import FastAPI

from ovd.bootstrap import Services
from ovd.ui.page import build_page, mount_page
from ovd.web.headers import SecurityHeaders
from ovd.web.live import LiveStreams, add_live_route
from ovd.web.live_image import add_image_route
from ovd.web.root_path import RootPath


def build_web_app(services: Services, closing: threading.Event) -> FastAPI:
    """Build the application; call it inside the event loop, which Gradio looks for.

    Scheduled reports run while it does. The services stay open in the end: whoever opened them
    closes them.

    Args:
        services: What the page works with.
        closing: Set when endless responses are to end.
    """
    page = build_page(services)
    streams = LiveStreams(page.live, closing.is_set)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        services.scheduled.start()
        running = asyncio.create_task(streams.run())
        yield
        closing.set()
        running.cancel()
        await asyncio.wait({running})

    web = FastAPI(
        title="ovd",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    web.add_middleware(SecurityHeaders)
    web.add_middleware(RootPath, root_path=services.settings.root_path)
    add_image_route(web, services.fleet, closing.is_set)
    add_live_route(web, streams)
    mount_page(web, page, services.settings.root_path)
    return web
