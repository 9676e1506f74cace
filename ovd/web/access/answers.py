"""Answers to requests that are refused: the login page for people, JSON for programs."""

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from ovd.api.errors import describe_error, status_of
from ovd.errors import LoginRequiredError, OvdError
from ovd.web.access.policy import AccessPolicy


async def refuse(
    error: OvdError, scope: Scope, receive: Receive, send: Send, policy: AccessPolicy
) -> None:
    """Answer a request that is refused."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await build_refusal(error, scope, policy)(scope, receive, send)


def build_refusal(error: OvdError, scope: Scope, policy: AccessPolicy) -> Response:
    """Return the answer: a browser that opens a page is sent to the login page."""
    headers = Headers(scope=scope)
    wants_page = "text/html" in headers.get("accept", "") and scope["method"] in ("GET", "HEAD")
    if isinstance(error, LoginRequiredError) and wants_page:
        wanted = policy.path_of(scope["path"])
        query = scope.get("query_string", b"").decode("latin-1")
        back = quote(wanted + (f"?{query}" if query else ""), safe="")
        target = f"{policy.root_path}/login"
        if wanted != "/" or query:
            target += f"?next={back}"
        return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})
    extra = {"WWW-Authenticate": "Bearer"} if isinstance(error, LoginRequiredError) else {}
    return JSONResponse(
        describe_error(error), status_of(error), headers=extra | {"Cache-Control": "no-store"}
    )
