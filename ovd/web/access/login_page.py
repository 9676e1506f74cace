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
from ovd.errors import LoginFailedError, TooManyAttemptsError
from ovd.services.access.login import LoginService
from ovd.services.access.scope import identity_of
from ovd.services.access.service import AccessService
from ovd.texts.languages import LANGUAGE_NAMES, Language
from ovd.texts.login import LoginTexts, login_texts

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
nav{margin-top:1.2rem;text-align:center}a{color:inherit;margin:0 .4rem}
input:focus-visible,button:focus-visible,a:focus-visible
{outline:3px solid #5aa9f5;outline-offset:2px}
"""


def add_login_routes(web: FastAPI, access: AccessService, language: str) -> None:
    """Serve `/login` and `/logout`.

    Args:
        web: The application.
        access: Signs users in.
        language: Language for browsers that ask for none that is known.
    """

    @web.get("/login")
    async def show(request: Request) -> Response:
        chosen = choose_language(request, language)
        empty = not await run_in_threadpool(access.login.has_users)
        texts = login_texts(chosen)
        problem = texts.no_users.format(command=ADD_USER) if empty else ""
        return _page(request, chosen, request.query_params.get("next", "/"), problem)

    @web.post("/login")
    async def sign_in(request: Request) -> Response:
        chosen = choose_language(request, language)
        async with request.form(max_files=0, max_fields=10, max_part_size=_LONGEST_FIELD) as form:
            name, password, wanted = (_field(form, key) for key in ("name", "password", "next"))
        address = request.client.host if request.client else ""
        try:
            begun = await run_in_threadpool(access.login.sign_in, name, password, address)
        except (LoginFailedError, TooManyAttemptsError) as error:
            return _page(request, chosen, wanted, _explain(error, login_texts(chosen)), error)
        answer = RedirectResponse(_below(request, wanted), 303)
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


def _below(request: Request, wanted: str) -> str:
    root: str = request.scope.get("root_path", "")
    return f"{root}{wanted if is_local_path(wanted) else '/'}"


def _field(form: FormData, key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""


def _explain(error: LoginFailedError | TooManyAttemptsError, texts: LoginTexts) -> str:
    if isinstance(error, TooManyAttemptsError):
        return texts.wait.format(seconds=max(1, round(error.wait_s)))
    return texts.failed


def _page(
    request: Request,
    language: Language,
    wanted: str,
    problem: str,
    error: LoginFailedError | TooManyAttemptsError | None = None,
) -> Response:
    texts = login_texts(language)
    back = wanted if is_local_path(wanted) else "/"
    others = "".join(
        f'<a href="?{escape(urlencode({"lang": code.value, "next": back}))}" lang="{code.value}">'
        f"{escape(name)}</a>"
        for code, name in LANGUAGE_NAMES.items()
    )
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    html = f"""<!doctype html><html lang="{language.value}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>ovd · {escape(texts.title)}</title>
<style>{_STYLE}</style></head><body><main><h1>ovd · {escape(texts.title)}</h1>{alert}
<form method="post"><input type="hidden" name="next" value="{escape(back)}">
<label for="name">{escape(texts.name)}</label>
<input id="name" name="name" autocomplete="username" required autofocus maxlength="64">
<label for="password">{escape(texts.password)}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{escape(texts.sign_in)}</button></form><nav>{others}</nav></main></body></html>"""
    status, headers = HTTPStatus.OK, {"Cache-Control": "no-store"}
    if isinstance(error, TooManyAttemptsError):
        status = HTTPStatus.TOO_MANY_REQUESTS
        headers["Retry-After"] = str(max(1, round(error.wait_s)))
    elif error is not None:
        status = HTTPStatus.UNAUTHORIZED
    return HTMLResponse(html, status, headers)
