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
# The colours of the page, in `ovd/ui/assets/style.css`.
_STYLE = """
:root{color-scheme:light dark;
--ground:light-dark(#edf1f5,#0b1118);--surface:light-dark(#fff,#121a24);
--line:light-dark(#dde4eb,#263342);--edge:light-dark(#8f9dae,#647387);
--ink:light-dark(#121a24,#e8eef5);--quiet:light-dark(#55647a,#97a6b8);
--accent:light-dark(#146a79,#1f8292);--focus:light-dark(#146a79,#56b4c3);
--bad:light-dark(#b3261e,#ff8f86);--bad-soft:light-dark(#fce4e2,#40201f)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);
color:var(--ink);word-break:keep-all;overflow-wrap:anywhere;
font:16px/1.5 "IBM Plex Sans",system-ui,"Noto Sans KR",NanumGothic,sans-serif}
main{width:min(24rem,100%);padding:2rem;border:1px solid var(--line);border-radius:12px;
background:var(--surface)}
h1{display:flex;align-items:center;gap:.7rem;margin:0 0 1.5rem;font-size:1.3rem;line-height:1.3}
h1 img{width:2.25rem;height:2.25rem}
label{display:block;margin:.9rem 0 .25rem;font-size:.9rem}
input{width:100%;min-height:2.75rem;font:inherit;padding:.5rem .7rem;border-radius:8px;
border:1px solid var(--edge);background:transparent;color:inherit}
button,.provider{display:grid;place-items:center;width:100%;min-height:2.75rem;padding:.5rem .8rem;
font:inherit;font-weight:600;text-align:center;text-decoration:none;border-radius:8px;
border:1px solid var(--accent);background:var(--accent);color:#fff;cursor:pointer}
button{margin-top:1.4rem}
.provider~form button{background:transparent;color:inherit;border-color:var(--edge)}
.or{display:flex;align-items:center;gap:.8rem;margin:1.3rem 0 0;font-size:.85rem;color:var(--quiet)}
.or:before,.or:after{content:"";flex:1;border-top:1px solid var(--line)}
p[role=alert]{margin:0 0 1.2rem;padding:.65rem .8rem;border-radius:8px;color:var(--bad);
background:var(--bad-soft)}
nav{display:flex;justify-content:center;gap:.4rem;margin-top:1.4rem;font-size:.9rem}
nav a{padding:.5rem .7rem;border-radius:8px;color:var(--quiet)}
nav a[aria-current]{color:inherit;font-weight:600;text-decoration:none}
input:focus-visible,button:focus-visible,a:focus-visible
{outline:2px solid var(--focus);outline-offset:2px}
@media(max-width:30rem){main{padding:1.5rem 1.25rem}}
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
        f'<a href="{links[code]}" lang="{code.value}"{_current(code is language)}>'
        f"{escape(name)}</a>"
        for code, name in LANGUAGE_NAMES.items()
    )
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    if sign_on:
        sign_on += f'<p class="or">{escape(texts.or_password)}</p>'
    icon = escape(f"{address.removesuffix('/login')}/favicon.ico")
    return f"""<!doctype html><html lang="{language.value}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>ovd · {escape(texts.title)}</title>
<link rel="icon" href="{icon}"><style>{_STYLE}</style></head><body><main>
<h1><img src="{icon}" alt="">ovd · {escape(texts.title)}</h1>{alert}{sign_on}
<form method="post" action="{links[language]}">
<input type="hidden" name="next" value="{escape(back)}">
<label for="name">{escape(texts.name)}</label>
<input id="name" name="name" autocomplete="username" required maxlength="64"{_focus(not sign_on)}>
<label for="password">{escape(texts.password)}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{escape(texts.sign_in)}</button></form><nav>{others}</nav></main></body></html>"""


def _current(is_current: bool) -> str:
    return ' aria-current="true"' if is_current else ""


def _focus(is_first: bool) -> str:
    return " autofocus" if is_first else ""
