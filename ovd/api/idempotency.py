"""Idempotency: a POST that is sent again with the same key is answered as before, and done once."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ovd.api.errors import describe_error, status_of
from ovd.errors import ConflictError, InputError, OvdError
from ovd.services.access.scope import identity_of

HEADER = "idempotency-key"
KEPT_S = 24 * 3600.0
_MOST_KEPT = 1000
_LONGEST_KEY = 200
_LARGEST_KEPT = 256_000


@dataclass
class _Answer:
    """The answer to a request; its messages are complete once `done` is set."""

    fingerprint: str
    at: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[Message] = field(default_factory=list)


class Idempotency:
    """ASGI middleware; answers are remembered for a day, in memory, by who asked.

    An answer of 500 or above is not remembered: the request may be sent again.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app
        self._answers: OrderedDict[tuple[str, ...], _Answer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, from memory where the request was answered before."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        key = headers.get(HEADER)
        signs_in = scope.get("path", "").endswith("/session")
        if key is None or scope.get("method") != "POST" or signs_in:
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(key, scope, receive, send)
        except OvdError as error:
            await JSONResponse(describe_error(error), status_of(error))(scope, receive, send)

    async def _answer(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
            raise InputError(f"an Idempotency-Key has 1 to {_LONGEST_KEY} printable characters")
        who = identity_of(scope)
        place = (who.kind.value, who.name, scope["path"], key)
        asked, fingerprint = await _read_request(scope, receive)
        self._forget_old()
        known = self._answers.get(place)
        if known is not None:
            if known.fingerprint != fingerprint:
                raise ConflictError("this Idempotency-Key was used for another request")
            if not known.done.is_set():
                raise ConflictError("the first request with this Idempotency-Key is not done yet")
            if asked is receive:
                await _skip_body(receive)
            for message in known.messages:
                await send(message)
            return
        answer = _Answer(fingerprint, time.monotonic())
        self._answers[place] = answer
        try:
            await self._app(scope, asked, _record(answer, send))
        finally:
            answer.done.set()
            if not _is_kept(answer):
                self._answers.pop(place, None)

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._answers:
            place, oldest = next(iter(self._answers.items()))
            if len(self._answers) < _MOST_KEPT and now - oldest.at < KEPT_S:
                return
            del self._answers[place]


async def _read_request(scope: Scope, receive: Receive) -> tuple[Receive, str]:
    """Return what the application receives, and what tells the request from others.

    A form is sent with other boundaries each time, and may be too large for the memory: it is known
    by its address alone.
    """
    query = scope.get("query_string", b"")
    if "multipart" in Headers(scope=scope).get("content-type", ""):
        return receive, hashlib.sha256(b"form" + query).hexdigest()
    body = await _read_body(receive)
    return _replay(body, receive), hashlib.sha256(body + query).hexdigest()


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _skip_body(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _record(answer: _Answer, send: Send) -> Send:
    async def record(message: Message) -> None:
        answer.messages.append(message)
        await send(message)

    return record


def _is_kept(answer: _Answer) -> bool:
    if not answer.messages or answer.messages[0].get("status", 500) >= 500:
        return False
    size = sum(len(message.get("body", b"")) for message in answer.messages)
    complete = not answer.messages[-1].get("more_body", False)
    return complete and size <= _LARGEST_KEPT
