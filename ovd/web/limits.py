"""BodyLimits: ASGI middleware that ends requests whose bodies are too large or too slow."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ovd.api.errors import describe_error, status_of
from ovd.errors import OvdError, RequestTooSlowError, UploadTooLargeError

LARGEST_BODY = 1_000_000
# A sender that is silent for this long in the middle of a body has left, or wants to keep us busy.
LONGEST_SILENCE_S = 20.0
# Every body has this long, and a second more for each of so many bytes.
_BASE_S = 60.0
_SLOWEST_BYTES_PER_S = 20_000


@dataclass(frozen=True)
class BodyLimit:
    """The largest body of requests to some paths.

    Attributes:
        prefix: How the paths begin, without the root path.
        largest: Bytes.
    """

    prefix: str
    largest: int


class BodyLimits:
    """Refuses bodies that are larger than their path allows, or come too slowly."""

    def __init__(self, app: ASGIApp, limits: Sequence[BodyLimit], root_path: str = "") -> None:
        """Stand before an application.

        Args:
            app: What is protected.
            limits: Larger limits than `LARGEST_BODY`; the first that fits holds.
            root_path: Path below which a proxy shows the app.
        """
        self._app = app
        self._limits = tuple(limits)
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the application, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(self._largest(scope["path"]), receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length) > body.largest:
            await _refuse(UploadTooLargeError(_too_large(body.largest)), scope, receive, send)
            return
        try:
            await self._app(scope, body.receive, body.send)
        except OvdError as error:
            if error is not body.problem or body.started:
                raise
        if body.problem is not None and not body.started:
            await _refuse(body.problem, scope, receive, send)

    def _largest(self, path: str) -> int:
        inside = path.removeprefix(self._root_path)
        fitting = (limit.largest for limit in self._limits if inside.startswith(limit.prefix))
        return next(fitting, LARGEST_BODY)


class _Body:
    """The body of one request as it comes, and whether its answer may be sent."""

    def __init__(self, largest: int, receive: Receive, send: Send) -> None:
        self.largest = largest
        self.problem: OvdError | None = None
        self.started = False
        self._receive = receive
        self._send = send
        self._size = 0
        self._ended = False
        self._began_at: float | None = None

    async def receive(self) -> Message:
        if self._ended:  # waits for the client to leave, for as long as the answer takes
            return await self._receive()
        if self.problem is not None:
            raise self.problem
        clock = asyncio.get_running_loop().time
        self._began_at = clock() if self._began_at is None else self._began_at
        left_s = self._began_at + _BASE_S + self._size / _SLOWEST_BYTES_PER_S - clock()
        try:
            async with asyncio.timeout(max(0.0, min(LONGEST_SILENCE_S, left_s))):
                message = await self._receive()
        except TimeoutError:
            self.problem = RequestTooSlowError("the body of the request did not come in time")
            raise self.problem from None
        self._size += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._size > self.largest:
            self.problem = UploadTooLargeError(_too_large(self.largest))
            raise self.problem
        return message

    async def send(self, message: Message) -> None:
        if self.problem is not None and not self.started:
            return  # whatever the application makes of it: the client is told why
        self.started = True
        await self._send(message)


def _too_large(largest: int) -> str:
    return f"a body of at most {largest:,} bytes is wanted here"


async def _refuse(error: OvdError, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Connection": "close"}
    await JSONResponse(describe_error(error), status_of(error), headers)(scope, receive, send)
