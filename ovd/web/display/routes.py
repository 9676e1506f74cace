"""Routes of displays: `/display` for admins, `/display/SITE` for screens."""

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Form, Path
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ovd.bootstrap import Services
from ovd.domain.names import name_key
from ovd.domain.sites import Display
from ovd.errors import LoginRequiredError, OvdError, UnknownSiteError
from ovd.services.access.scope import identity_of
from ovd.services.cached import Cached
from ovd.services.sites.board import make_board
from ovd.services.sites.service import OccupancyNow
from ovd.texts.languages import Language
from ovd.video.clock import SystemClock
from ovd.web.access.login_page import choose_language
from ovd.web.display.pairing import render_displays
from ovd.web.display.screen import Shown, render_screen, show_board, show_code

COOKIE = "ovd_display"
# What browsers keep at most; every load of the page renews it.
_COOKIE_LASTS = timedelta(days=400)
# Screens ask every three seconds; those of one site share what was read.
_SHARED_S = 2.0
_NO_STORE = {"Cache-Control": "no-store"}
SiteName = Annotated[str, Path(max_length=200)]
Text = Annotated[str, Form(max_length=200)]


def add_display_routes(web: FastAPI, services: Services) -> None:
    """Serve the screens, and the page on which admins pair them.

    Args:
        web: The application; its check lets the addresses of screens pass without credentials.
        services: Sites and displays.
    """
    screens = _Screens(services)

    @web.get("/display/{site}/now")
    async def tell(request: Request, site: SiteName) -> Response:
        return await run_in_threadpool(screens.tell, request, site)

    @web.get("/display/{site}")
    async def show(request: Request, site: SiteName) -> Response:
        return await run_in_threadpool(screens.show, request, site)

    @web.get("/display")
    async def list_displays(request: Request) -> Response:
        return await run_in_threadpool(screens.list, request)

    @web.post("/display")
    async def pair(request: Request, site: Text, name: Text, code: Text) -> Response:
        return await run_in_threadpool(screens.pair, request, site, name, code)

    @web.post("/display/remove")
    async def remove(request: Request, site: Text, name: Text) -> Response:
        return await run_in_threadpool(screens.remove, request, site, name)


class _Screens:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._language = services.settings.ui_language
        self._now: dict[str, Cached[OccupancyNow]] = {}

    def show(self, request: Request, site: str) -> Response:
        secret, display = self._find(request)
        if display is not None and name_key(display.site) != name_key(site):
            return RedirectResponse(_address(request, display.site), 307, headers=_NO_STORE)
        language = choose_language(request, self._language)
        shown = self._shown(display, request, site, language)
        if shown is not None:
            name = self._services.sites.find(site).name
            answer = _page(request, shown, name, language)
        else:
            waiting = self._services.displays.waiting(secret)
            if waiting is None:
                secret, waiting = self._services.displays.begin(_client(request))
            pair_at = f"{str(request.base_url).rstrip('/')}/display"
            answer = _page(request, show_code(waiting.code, pair_at, language), "", language)
        if display is not None or shown is None:
            _keep(answer, request, secret)
        return answer

    def tell(self, request: Request, site: str) -> Response:
        secret, display = self._find(request)
        own = display if display and name_key(display.site) == name_key(site) else None
        shown = self._shown(own, request, site, choose_language(request, self._language))
        if shown is not None:
            return JSONResponse(shown.to_json(), headers=_NO_STORE)
        waiting = self._services.displays.waiting(secret)
        code = None if waiting is None else waiting.code
        return JSONResponse({"code": code}, 401, headers=_NO_STORE)

    def list(self, request: Request) -> Response:
        return self._list(request, "")

    def pair(self, request: Request, site: str, name: str, code: str) -> Response:
        who = identity_of(request.scope)
        language = choose_language(request, self._language)
        try:
            display = self._services.displays.pair(site, name, code, who.name)
        except OvdError as error:
            return self._list(request, str(error), 400)
        self._services.access.audit.note(who, "displays.pair", f"{display.site}/{display.name}")
        return RedirectResponse(f"{_root(request)}/display?lang={language.value}", 303)

    def remove(self, request: Request, site: str, name: str) -> Response:
        who = identity_of(request.scope)
        language = choose_language(request, self._language)
        try:
            self._services.displays.remove(site, name)
        except OvdError as error:
            return self._list(request, str(error), 400)
        self._services.access.audit.note(who, "displays.remove", f"{site}/{name}")
        return RedirectResponse(f"{_root(request)}/display?lang={language.value}", 303)

    def _list(self, request: Request, problem: str, status: int = 200) -> Response:
        sites = self._services.sites.all()
        displays = [display for site in sites for display in self._services.displays.of(site.name)]
        language = choose_language(request, self._language)
        html = render_displays(sites, displays, language, _root(request), problem)
        return HTMLResponse(html, status, headers=_NO_STORE)

    def _find(self, request: Request) -> tuple[str, Display | None]:
        secret = _read_cookie(request)
        return secret, self._services.displays.find(secret) if secret else None

    def _shown(
        self, display: Display | None, request: Request, site: str, language: Language
    ) -> Shown | None:
        """Return what the site's board says; None for whom it is not."""
        if display is None and not self._may_see(request, site):
            return None
        try:
            now = self._read(site)
        except UnknownSiteError:
            return None
        return show_board(make_board(now), now.point.at, language)

    def _read(self, site: str) -> OccupancyNow:
        """Return how many people are inside; read once for all screens of a site that ask."""
        key = name_key(site)
        if key not in self._now:
            monotonic = SystemClock().monotonic
            self._now[key] = Cached(lambda: self._services.sites.now(site), _SHARED_S, monotonic)
        return self._now[key].get()

    def _may_see(self, request: Request, name: str) -> bool:
        """Return whether a user who has signed in may look at a site."""
        try:
            who = identity_of(request.scope)
            site = self._services.sites.find(name)
        except (LoginRequiredError, UnknownSiteError):
            return False
        return all(who.may_see(camera) for camera in site.cameras)


def _page(request: Request, shown: Shown, site: str, language: Language) -> HTMLResponse:
    path = f"{_address(request, request.path_params['site'])}/now?lang={language.value}"
    html = render_screen(shown, site, path, language)
    return HTMLResponse(html, headers=_NO_STORE)


def _address(request: Request, site: str) -> str:
    return f"{_root(request)}/display/{quote(site, safe='')}"


def _root(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _read_cookie(request: Request) -> str:
    try:
        cookies: SimpleCookie = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    found = cookies.get(COOKIE)
    return found.value[:200] if found is not None else ""


def _keep(answer: Response, request: Request, secret: str) -> None:
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(_COOKIE_LASTS.total_seconds()),
        path=f"{_root(request)}/display",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
