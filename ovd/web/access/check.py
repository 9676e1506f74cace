"""AccessCheck: ASGI middleware that finds out who asks, and refuses what they may not see."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ovd.api.cookies import CSRF_HEADER, read_session_cookie
from ovd.domain.access import Identity, IdentityKind, Role
from ovd.errors import ForeignOriginError, LoginRequiredError, NotFoundError, OvdError
from ovd.services.access.login import LoginService
from ovd.services.access.scope import set_identity
from ovd.services.access.secrets import is_csrf_token
from ovd.web.access.answers import refuse
from ovd.web.access.origin import (
    Origin,
    apply_origin,
    comes_from_browser,
    read_origin,
    require_same_origin,
)
from ovd.web.access.policy import AccessPolicy

_SAFE = ("GET", "HEAD", "OPTIONS")
# A stream is ended this long after its session or token has.
RECHECK_S = 5.0
_AT_ONCE = 8
Result = TypeVar("Result")


class _StreamEndedError(Exception):
    """The session or token of an endless answer has ended."""


class AccessCheck:
    """Stands before everything that is served, and lets pass what it may.

    A request is made by the token in its `Authorization` header, by the session in its cookie, or,
    while there are no users, by anyone on this machine. A cookie alone changes nothing: the request
    must come from a page of this server, or carry the session's CSRF token.
    """

    def __init__(
        self, app: ASGIApp, login: Callable[[], LoginService], policy: AccessPolicy
    ) -> None:
        """Stand before an application.

        Args:
            app: What is protected.
            login: Gives what knows sessions and tokens.
            policy: What is let pass.
        """
        self._app = app
        self._login = login
        self._policy = policy
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the application, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            identity = await self._admit(scope)
        except OvdError as error:
            await refuse(error, scope, receive, send, self._policy)
            return
        if identity is None:
            await self._app(scope, receive, send)
            return
        set_identity(scope, identity)
        await self._serve(scope, receive, send)

    async def _admit(self, scope: Scope) -> Identity | None:
        """Return who asks; None for what needs no credentials.

        Raises:
            OvdError: If the request is refused.
        """
        origin = read_origin(scope, self._policy.proxies)
        self._require_host(origin)
        apply_origin(scope, origin)
        method, path = scope.get("method", "GET"), self._policy.path_of(scope["path"])
        if self._policy.is_closed(path):
            raise NotFoundError("there is nothing at this address")
        if self._policy.is_public(method, path):
            if method not in _SAFE:
                require_same_origin(scope, origin)
            return None
        if method == "GET" and self._policy.is_signed(path, _query_of(scope)):
            return None
        try:
            identity = await self._identify(scope, origin)
        except LoginRequiredError:
            if self._policy.is_for_screens(method, path):
                return None
            raise
        identity.require(self._policy.role_for(method, path))
        return identity

    def _require_host(self, origin: Origin) -> None:
        name = origin.host.rpartition(":")[0] or origin.host
        allowed = self._policy.hosts
        if allowed and not {name.casefold(), origin.host.casefold()} & set(allowed):
            raise ForeignOriginError(
                "this server does not answer under that host name; name it in allowed_hosts"
            )

    async def _identify(self, scope: Scope, origin: Origin) -> Identity:
        headers = Headers(scope=scope)
        method = scope.get("method", "GET")
        authorization = headers.get("authorization")
        if authorization is not None:
            scheme, _, secret = authorization.partition(" ")
            found = None
            if scheme.casefold() == "bearer" and secret.strip():
                found = await self._run(self._login().find_token, secret.strip(), origin.address)
            if found is None:
                raise LoginRequiredError("the API token is unknown, or has ended or been revoked")
            return found
        secret_of_cookie = read_session_cookie(headers, origin.scheme == "https")
        if secret_of_cookie is not None:
            found = await self._run(self._login().find_session, secret_of_cookie, origin.address)
            if found is not None:
                _require_intent(scope, origin, method, secret_of_cookie)
                return found
        return await self._find_open(scope, origin)

    async def _find_open(self, scope: Scope, origin: Origin) -> Identity:
        allowed = self._policy.insecure or origin.is_loopback
        if not allowed or self._policy.has_sign_on or await self._run(self._login().has_users):
            raise LoginRequiredError("sign in, or send an API token: Authorization: Bearer TOKEN")
        navigates = Headers(scope=scope).get("sec-fetch-mode") == "navigate"
        if not navigates or scope.get("method") not in _SAFE:
            require_same_origin(scope, origin)
        return Identity(IdentityKind.OPEN, "", Role.ADMIN, address=origin.address)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the application; end an answer that lasts longer than its session."""
        origin = read_origin(scope, ())
        checked_at = time.monotonic()
        started = False

        async def send_while_allowed(message: Message) -> None:
            nonlocal checked_at, started
            started = started or message["type"] == "http.response.start"
            now = time.monotonic()
            lasts = message.get("more_body") or message["type"] == "websocket.send"
            if lasts and now - checked_at > RECHECK_S:
                checked_at = now
                try:
                    await self._identify(scope, origin)
                except OvdError as error:
                    raise _StreamEndedError from error
            await send(message)

        try:
            await self._app(scope, receive, send_while_allowed)
        except _StreamEndedError:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _run(self, function: Callable[..., Result], *arguments: str) -> Result:
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        return await run_sync(function, *arguments, limiter=self._limiter)


def _query_of(scope: Scope) -> str:
    return bytes(scope.get("query_string", b"")).decode("latin-1")


def _require_intent(scope: Scope, origin: Origin, method: str, secret: str) -> None:
    """Refuse a change that another site made the browser of a user send.

    Raises:
        ForeignOriginError: If it was not sent by a page of ours, nor with the CSRF token.
    """
    if scope["type"] == "websocket":
        require_same_origin(scope, origin)
        return
    if method in _SAFE:
        return
    require_same_origin(scope, origin)
    given = Headers(scope=scope).get(CSRF_HEADER)
    if given is None and comes_from_browser(scope):
        return
    if given is None or not is_csrf_token(secret, given):
        raise ForeignOriginError(
            "a request with a session must carry its CSRF token as X-CSRF-Token; "
            "GET /api/v1/session tells it"
        )
