"""The REST API, built when it is first asked: the page starts sooner without it."""

import threading
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from ovd.api.context import ApiContext

PREFIX = "/api/v1"


class LazyApi:
    """ASGI application that builds the API with the first request."""

    def __init__(self, context: ApiContext) -> None:
        """Build nothing yet.

        Args:
            context: What routes work with.
        """
        self._context = context
        self._lock = threading.Lock()
        self._api: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the API."""
        if self._api is None:
            await run_sync(self._build)
        await self._build()(scope, receive, send)

    def describe(self) -> dict[str, Any]:
        """Return the OpenAPI description."""
        return self._build().openapi()

    def _build(self) -> FastAPI:
        with self._lock:
            if self._api is None:
                from ovd.api.app import build_api

                self._api = build_api(self._context)
            return self._api
