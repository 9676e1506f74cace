"""Sign in and out, and who asks."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from ovd.api.context import Context, Viewer
from ovd.api.cookies import clear_session_cookies, read_session_cookie, set_session_cookie
from ovd.api.models.access import Login, SessionAnswer
from ovd.domain.access import Identity, IdentityKind, Role
from ovd.services.access.secrets import csrf_token_of

router = APIRouter(prefix="/session", tags=["session"])


@router.get("")
def show(request: Request, who: Viewer) -> SessionAnswer:
    """Tell who asks, and the CSRF token of a session."""
    secret = None
    if who.session_id:
        secret = read_session_cookie(request.headers, request.url.scheme == "https")
    return _describe(who, None if secret is None else csrf_token_of(secret))


@router.post("", status_code=201)
def sign_in(body: Login, request: Request, response: Response, context: Context) -> SessionAnswer:
    """Begin a session, whose cookie the answer sets."""
    address = request.client.host if request.client else ""
    begun = context.services.access.login.sign_in(body.name, body.password, address)
    set_session_cookie(response, begun.secret, request.url.scheme == "https")
    response.headers["Cache-Control"] = "no-store"
    user = begun.session.user
    cameras = user.cameras if user.role is Role.VIEWER else None
    return _describe(Identity(IdentityKind.USER, user.name, user.role, cameras), begun.csrf_token)


@router.delete("", status_code=204)
def sign_out(
    context: Context,
    who: Viewer,
    response: Response,
    everywhere: Annotated[bool, Query(description="End all sessions of the user.")] = False,
) -> None:
    """End the session; a token stays."""
    login = context.services.access.login
    if everywhere and who.kind is IdentityKind.USER:
        login.end_all(who, context.services.access.users.find(who.name))
    login.end(who)
    clear_session_cookies(response)


def _describe(who: Identity, csrf_token: str | None) -> SessionAnswer:
    return SessionAnswer(
        kind=who.kind.value,
        name=who.name,
        role=who.role,
        cameras=None if who.cameras is None else sorted(who.cameras),
        csrf_token=csrf_token,
    )
