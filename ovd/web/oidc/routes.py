"""Routes of the single sign-on: to the provider, and back from it."""

import logging
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ovd.api.cookies import set_session_cookie
from ovd.errors import NoRoleError, SingleSignOnError
from ovd.services.access.login import BegunSession
from ovd.services.access.single_sign_on import SingleSignOn
from ovd.web.access.login_page import LoginPage, below, is_local_path
from ovd.web.access.policy import SIGN_ON, SIGN_ON_CALLBACK
from ovd.web.oidc.flow import LONGEST_S, Flow, FlowKeeper
from ovd.web.oidc.provider import OidcProvider

_LOG = logging.getLogger(__name__)
# A slow provider must not hold the threads that answer everybody else.
_AT_ONCE = 4
_LONGEST_COOKIE = 4096
_UNCACHED = {"Cache-Control": "no-store"}
Result = TypeVar("Result")


class SignOnRoutes:
    """Sends browsers to the provider, and signs in those that come back with its word."""

    def __init__(
        self,
        provider: OidcProvider,
        sign_on: SingleSignOn,
        keeper: FlowKeeper,
        page: LoginPage,
        public_url: str,
    ) -> None:
        """Prepare to answer.

        Args:
            provider: Tells who somebody is.
            sign_on: Begins sessions.
            keeper: Sign-ins on their way.
            page: Shown to people whose sign-in fails.
            public_url: Address of the server as people know it; empty takes that of the request.
        """
        self._provider = provider
        self._sign_on = sign_on
        self._keeper = keeper
        self._page = page
        self._public_url = public_url.rstrip("/")
        self._limiter: anyio.CapacityLimiter | None = None

    def add_to(self, web: FastAPI) -> None:
        """Serve the routes."""
        web.add_api_route(SIGN_ON, self._begin, methods=["GET"])
        web.add_api_route(SIGN_ON_CALLBACK, self._finish, methods=["GET"])

    async def _begin(self, request: Request) -> Response:
        wanted = request.query_params.get("next", "/")
        wanted = wanted if is_local_path(wanted) else "/"
        language = request.query_params.get("lang", "")
        flow, cookie = self._keeper.begin(self._callback_url(request), wanted, language)
        try:
            url = await self._run(lambda: self._provider.authorization_url(flow))
        except SingleSignOnError as error:
            return self._refuse(request, wanted, error)
        answer = RedirectResponse(url, 303, headers=_UNCACHED)
        answer.set_cookie(
            _cookie_name(request),
            cookie,
            max_age=LONGEST_S,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return answer

    async def _finish(self, request: Request) -> Response:
        answer = await self._answer_for(request)
        secure = request.url.scheme == "https"
        answer.delete_cookie(
            _cookie_name(request), path="/", secure=secure, httponly=True, samesite="lax"
        )
        return answer

    async def _answer_for(self, request: Request) -> Response:
        wanted, shown = "/", request
        try:
            flow = self._accept(request)
            wanted, shown = flow.wanted, _in_language(request, flow.language)
            begun = await self._run(lambda: self._sign_in(request, flow))
        except (SingleSignOnError, NoRoleError) as error:
            return self._refuse(shown, wanted, error)
        answer = RedirectResponse(below(request, wanted), 303, headers=_UNCACHED)
        set_session_cookie(answer, begun.secret, request.url.scheme == "https")
        return answer

    def _accept(self, request: Request) -> Flow:
        cookie = request.cookies.get(_cookie_name(request), "")[:_LONGEST_COOKIE]
        return self._keeper.accept(cookie, request.query_params.get("state", ""))

    def _sign_in(self, request: Request, flow: Flow) -> BegunSession:
        given = request.query_params
        if "code" not in given:
            raise SingleSignOnError("the provider did not sign the person in")
        person = self._provider.redeem(given["code"], given.get("iss"), flow)
        return self._sign_on.sign_in(person, _address_of(request))

    def _refuse(
        self, request: Request, wanted: str, error: SingleSignOnError | NoRoleError
    ) -> Response:
        _LOG.warning("a single sign-on failed from %s: %s", _address_of(request), error)
        return self._page.refuse(request, wanted, error)

    def _callback_url(self, request: Request) -> str:
        if self._public_url:
            return f"{self._public_url}{SIGN_ON_CALLBACK}"
        root: str = request.scope.get("root_path", "")
        return f"{request.url.scheme}://{request.headers['host']}{root}{SIGN_ON_CALLBACK}"

    async def _run(self, function: Callable[[], Result]) -> Result:
        self._limiter = self._limiter or anyio.CapacityLimiter(_AT_ONCE)
        return await run_sync(function, limiter=self._limiter)


def _in_language(request: Request, language: str) -> Request:
    """Return a request that asks for the language in which the sign-in began."""
    asked = urlencode({"lang": language}).encode()
    return Request({**request.scope, "query_string": asked})


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _cookie_name(request: Request) -> str:
    return "__Host-ovd_sign_on" if request.url.scheme == "https" else "ovd_sign_on"
