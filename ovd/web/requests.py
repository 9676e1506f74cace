"""RequestLog: ASGI middleware that gives every request an id, and logs how it was answered."""

import logging
import re
import secrets
import time
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ovd.logs import log_fields

HEADER = "X-Request-Id"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LOG = logging.getLogger(__name__)


class RequestLog:
    """Adds `request_id` to all lines that are logged while a request is answered.

    The id is that of a proxy's `X-Request-Id`, else a new one; the answer carries it too. Lines
    hold the path without what follows `?`.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        status, began_at = 0, time.monotonic()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with log_fields(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                _log_answer(scope, status, time.monotonic() - began_at)


def _log_answer(scope: Scope, status: int, duration_s: float) -> None:
    if not _LOG.isEnabledFor(logging.INFO):
        return
    path = quote(scope["path"])
    fields = {
        "method": scope["method"],
        "path": path,
        "status": status,
        "duration_s": round(duration_s, 4),
        "address": (scope.get("client") or ("", 0))[0],
    }
    _LOG.info("%s %s: %s", scope["method"], path, status, extra={"fields": fields})
