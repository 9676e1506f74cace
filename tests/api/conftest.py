import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI

from ovd.api.app import build_api
from ovd.api.context import ApiContext
from ovd.bootstrap import SettingsReloader, build_opener
from ovd.domain.access import Identity, Role
from ovd.domain.frame import Image
from ovd.services.jobs.service import JobService
from ovd.services.streaming.feed import LiveFeed
from ovd.services.streaming.jpegs import LiveJpegs
from ovd.services.streaming.uploads import UploadFolder
from ovd.settings import Settings
from ovd.video.clock import SystemClock
from ovd.video.decoding.image_decoder import MOST_PIXELS
from ovd.video.images import load_image_within
from tests.stages import Stage, stage
from tests.web.identities import As, make_identity

__all__ = ["stage"]
Result = TypeVar("Result")


@cache
def _only_api() -> FastAPI:
    return build_api(None)  # type: ignore[arg-type]


def build_fresh(context: ApiContext) -> FastAPI:
    """Return the API with this context; its routes are built once, they take half a second."""
    api = _only_api()
    api.state.context = context
    api.middleware_stack = None  # made anew: it remembers requests
    return api


class InProcess:
    """Decodes images where it is called."""

    def load(self, path: Path) -> Image:
        return load_image_within(path, MOST_PIXELS)

    def close(self) -> None:
        """Nothing was started."""


class Client:
    """Asks the API as someone, one request after the other."""

    def __init__(self, stage: Stage, folder: Path, identity: Identity) -> None:
        services = stage.services
        feed = LiveFeed()
        assert services.events is not None
        services.events.subscribe("live feed", feed.handle)
        uploads = UploadFolder(folder / "uploads", lambda: build_opener(services.settings))
        self.stage = stage
        self.settings_on_disk = services.settings
        jobs = JobService(services.store.jobs, folder / "jobs", SystemClock())
        self.context = ApiContext(
            services,
            LiveJpegs(services.fleet),
            feed,
            uploads,
            jobs,
            lambda: False,
            SettingsReloader(services, self.read_settings).reload,
            InProcess(),
        )
        self.api = build_fresh(self.context)
        self.identity = identity

    def read_settings(self) -> Settings:
        return self.settings_on_disk

    def acting_as(self, role: Role, cameras: frozenset[str] | None = None) -> "Client":
        self.identity = make_identity(role, cameras)
        return self

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send(client: httpx.AsyncClient) -> httpx.Response:
            return await client.request(method, path, **options)

        return self.run(send)

    def run(self, act: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
        async def run() -> Result:
            transport = httpx.ASGITransport(As(self.api, self.identity), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await act(client)

        return asyncio.run(run())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


@pytest.fixture
def api(stage: Stage, tmp_path: Path) -> Iterator[Client]:
    client = Client(stage, tmp_path, make_identity())
    client.context.jobs.start()
    yield client
    client.context.jobs.close()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
