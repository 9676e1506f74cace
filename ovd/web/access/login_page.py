"""The login page: plain HTML without scripts, and the routes that sign in and out."""

from html import escape
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ovd.api.cookies import clear_session_cookies, set_session_cookie
from ovd.errors import (
    AccessRefusedError,
    LoginFailedError,
    NoRoleError,
    SingleSignOnError,
    TooManyAttemptsError,
)
from ovd.services.access.login import LoginService
from ovd.services.access.scope import identity_of
from ovd.services.access.service import AccessService
from ovd.texts.languages import LANGUAGE_NAMES, Language
from ovd.texts.login import LoginTexts, login_texts
from ovd.web.access.policy import SIGN_ON

ADD_USER = "ovd users add NAME --role admin"
_LONGEST_FIELD = 2000
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#eef2f6,#0d141b)}
main{width:min(22rem,88vw);padding:2rem;border-radius:1rem;background:light-dark(#fff,#17212b);
box-shadow:0 8px 30px #0003}
h1{margin:0 0 1rem;font-size:1.4rem}label{display:block;margin:.9rem 0 .2rem}
input{width:100%;box-sizing:border-box;font:inherit;padding:.55rem .7rem;border-radius:.5rem;
border:1px solid light-dark(#9aa9b8,#4a5a6a);background:transparent;color:inherit}
button{margin-top:1.3rem;width:100%;font:inherit;padding:.65rem;border:0;border-radius:.5rem;
background:#0b6bcb;color:#fff;cursor:pointer}
p[role=alert]{margin:.8rem 0 0;padding:.6rem .8rem;border-radius:.5rem;
background:light-dark(#fde8e8,#43191c)}
.provider{display:block;margin:.8rem 0 0;padding:.6rem;border-radius:.5rem;text-align:center;
text-decoration:none;border:1px solid light-dark(#9aa9b8,#4a5a6a)}
nav{margin-top:1.2rem;text-align:center}a{color:inherit;margin:0 .4rem}
input:focus-visible,button:focus-visible,a:focus-visible
{outline:3px solid #5aa9f5;outline-offset:2px}
"""


class LoginPage:
    """The page on which people sign in, with a password or at a provider."""

    def __init__(self, language: str, sign_on_label: str | None = None) -> None:
        """Describe the page.

        Args:
            language: Language for browsers that ask for none that is known.
            sign_on_label: Name of the single sign-on, which may be empty; None where there is none.
        """
        self._language = language
        self._sign_on_label = sign_on_label

    @property
    def offers_sign_on(self) -> bool:
        """Return whether people may sign in at a provider."""
        return self._sign_on_label is not None

    def texts(self, request: Request) -> LoginTexts:
        """Return the words in the language of a request."""
        return login_texts(choose_language(request, self._language))

    def show(
        self, request: Request, wanted: str, problem: str = "", status: int = HTTPStatus.OK
    ) -> Response:
        """Return the page.

        Args:
            request: The request.
            wanted: Path to show after signing in.
            problem: What went wrong, for people.
            status: Status of the answer.
        """
        language = choose_language(request, self._language)
        back = wanted if is_local_path(wanted) else "/"
        root: str = request.scope.get("root_path", "")
        link = self._sign_on_link(root, language, back)
        html = _render(language, f"{root}/login", back, problem, link)
        return HTMLResponse(html, status, {"Cache-Control": "no-store"})

    def refuse(self, request: Request, wanted: str, error: AccessRefusedError) -> Response:
        """Return the page for people whose sign-in failed."""
        texts = self.texts(request)
        if isinstance(error, TooManyAttemptsError):
            wait_s = max(1, round(error.wait_s))
            problem = texts.wait.format(seconds=wait_s)
            answer = self.show(request, wanted, problem, HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers["Retry-After"] = str(wait_s)
            return answer
        if isinstance(error, NoRoleError):
            return self.show(request, wanted, texts.no_role, HTTPStatus.FORBIDDEN)
        failed = texts.sign_on_failed if isinstance(error, SingleSignOnError) else texts.failed
        return self.show(request, wanted, failed, HTTPStatus.UNAUTHORIZED)

    def _sign_on_link(self, root: str, language: Language, back: str) -> str:
        if self._sign_on_label is None:
            return ""
        texts = login_texts(language)
        label = texts.sign_in_with.format(provider=self._sign_on_label or texts.single_sign_on)
        target = f"{root}{SIGN_ON}?{urlencode({'next': back, 'lang': language.value})}"
        return f'<a class="provider" href="{escape(target)}">{escape(label)}</a>'


def add_login_routes(web: FastAPI, access: AccessService, page: LoginPage) -> None:
    """Serve `/login` and `/logout`.

    Args:
        web: The application.
        access: Signs users in.
        page: What people see.
    """

    @web.get("/login")
    async def show(request: Request) -> Response:
        empty = not page.offers_sign_on and not await run_in_threadpool(access.login.has_users)
        problem = page.texts(request).no_users.format(command=ADD_USER) if empty else ""
        return page.show(request, request.query_params.get("next", "/"), problem)

    @web.post("/login")
    async def sign_in(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10, max_part_size=_LONGEST_FIELD) as form:
            name, password, wanted = (_field(form, key) for key in ("name", "password", "next"))
        address = request.client.host if request.client else ""
        try:
            begun = await run_in_threadpool(access.login.sign_in, name, password, address)
        except (LoginFailedError, TooManyAttemptsError) as error:
            return page.refuse(request, wanted, error)
        answer = RedirectResponse(below(request, wanted), 303)
        set_session_cookie(answer, begun.secret, request.url.scheme == "https")
        return answer

    @web.post("/logout")
    async def sign_out(request: Request) -> Response:
        await run_in_threadpool(_sign_out, access.login, request)
        answer = RedirectResponse(f"{request.scope.get('root_path', '')}/login", 303)
        clear_session_cookies(answer)
        return answer


def _sign_out(login: LoginService, request: Request) -> None:
    login.end(identity_of(request.scope))


def choose_language(request: Request, default: str) -> Language:
    """Return the language that the address or the browser asks for."""
    asked = [request.query_params.get("lang", "")]
    asked += [part.strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((Language(code) for code in asked if code in set(Language)), Language(default))


def is_local_path(path: str) -> bool:
    """Return whether a path leads to this server, so that one may be sent there after sign-in."""
    plain = path.isprintable() and "\\" not in path
    return plain and path.startswith("/") and not path.startswith("//")


def below(request: Request, wanted: str) -> str:
    """Return the address of a path of this server, of its start where it leads elsewhere."""
    root: str = request.scope.get("root_path", "")
    return f"{root}{wanted if is_local_path(wanted) else '/'}"


def _field(form: FormData, key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""


def _render(language: Language, address: str, back: str, problem: str, sign_on: str) -> str:
    texts = login_texts(language)
    links = {
        code: escape(f"{address}?{urlencode({'lang': code.value, 'next': back})}")
        for code in LANGUAGE_NAMES
    }
    others = "".join(
        f'<a href="{links[code]}" lang="{code.value}">{escape(name)}</a>'
        for code, name in LANGUAGE_NAMES.items()
    )
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return f"""<!doctype html><html lang="{language.value}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>ovd · {escape(texts.title)}</title>
<style>{_STYLE}</style></head><body><main><h1>ovd · {escape(texts.title)}</h1>{alert}
<form method="post" action="{links[language]}">
<input type="hidden" name="next" value="{escape(back)}">
<label for="name">{escape(texts.name)}</label>
<input id="name" name="name" autocomplete="username" required autofocus maxlength="64">
<label for="password">{escape(texts.password)}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{escape(texts.sign_in)}</button></form>{sign_on}<nav>{others}</nav></main></body></html>"""
