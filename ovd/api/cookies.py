"""The cookie of a session."""

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import Response

# Browsers take a name with this prefix over HTTPS only, from this host only.
SECURE_COOKIE = "__Host-ovd"
PLAIN_COOKIE = "ovd_session"
CSRF_HEADER = "x-csrf-token"
_LONGEST_COOKIE = 200


def set_session_cookie(answer: Response, secret: str, secure: bool) -> None:
    """Give the browser the secret of its session, out of the reach of scripts.

    Args:
        answer: What is sent.
        secret: The secret.
        secure: Whether the client came by HTTPS.
    """
    answer.set_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        secret,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookies(answer: Response) -> None:
    """Take the session from the browser."""
    answer.delete_cookie(SECURE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    answer.delete_cookie(PLAIN_COOKIE, path="/", httponly=True, samesite="lax")


def read_session_cookie(headers: Headers, secure: bool) -> str | None:
    """Return the secret in the cookie of a request; None where there is none.

    Args:
        headers: Headers of the request.
        secure: Whether the client came by HTTPS; then only a cookie that was set so counts.
    """
    try:
        cookies: SimpleCookie = SimpleCookie("; ".join(headers.getlist("cookie")))
    except CookieError:
        return None
    found = cookies.get(SECURE_COOKIE if secure else PLAIN_COOKIE)
    return found.value if found is not None and 0 < len(found.value) <= _LONGEST_COOKIE else None
