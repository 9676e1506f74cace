"""The application of the REST API, mounted below `/api/v1`."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ovd.api.context import ApiContext
from ovd.api.errors import INTERNAL, answer_http, describe_error, status_of
from ovd.api.idempotency import Idempotency
from ovd.api.models.answers import ErrorBody
from ovd.api.routes import (
    alerts,
    cameras,
    catalogue,
    counts,
    detect,
    evidence,
    images,
    jobs,
    live,
    queries,
    records,
    sites,
    taught,
    uploads,
)
from ovd.api.routes.management import (
    accounts,
    health,
    maintenance,
    schedules,
    session,
    system,
    targets,
)
from ovd.api.routes.setup import addresses, areas, files, recounts
from ovd.bundled import VERSION
from ovd.errors import OvdError, RequestShapeError, TooManyAttemptsError

_LOG = logging.getLogger(__name__)
PREFIX = "/api/v1"
_DESCRIPTION = """Everything the page can do. Requests carry a token (`ovd tokens add`) as
`Authorization: Bearer TOKEN`, or the session of the page with its CSRF token. Errors have one
shape: `{"error": {"code", "message"}}`. Lists are
`{"items", "next"}`; hand `next` back as `cursor`."""
_PROBLEMS = {
    400: "A value cannot be used.",
    401: "No valid session or token.",
    403: "The role does not allow it.",
    404: "There is nothing of that name.",
    405: "The method is not known here.",
    408: "The body came too slowly.",
    409: "The present state does not allow it.",
    413: "The body is too large.",
    415: "The body is of another type than is wanted.",
    422: "The shape of the request is wrong, or a source or target cannot be used.",
    429: "Too many attempts.",
    503: "The database or the detector is not available.",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": text} for status, text in _PROBLEMS.items()
}


def build_api(context: ApiContext) -> FastAPI:
    """Build the API; it expects that someone before it wrote into the scope who asks."""
    api = FastAPI(
        title="ovd",
        version=VERSION,
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses=ERRORS,
        redirect_slashes=False,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        separate_input_output_schemas=False,
    )
    api.state.context = context
    for module in (
        health,
        session,
        addresses,
        areas,
        files,
        images,
        recounts,
        cameras,  # whose names may hold slashes: after what is more exact
        queries,
        alerts,
        detect,
        counts,
        records,
        live,
        evidence,
        uploads,
        jobs,
        catalogue,
        accounts,
        taught,
        sites,
        maintenance,
        system,
        targets,
        schedules,
    ):
        api.include_router(module.router)
    api.add_exception_handler(OvdError, _answer_error)
    api.add_exception_handler(RequestValidationError, _answer_shape)
    api.add_exception_handler(HTTPException, answer_http)
    api.add_exception_handler(Exception, _answer_bug)
    api.add_middleware(Idempotency)
    return api


async def _answer_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, OvdError)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TooManyAttemptsError):
        headers["Retry-After"] = str(max(1, round(error.wait_s)))
    return JSONResponse(describe_error(error), status_of(error), headers)


async def _answer_shape(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    shape = RequestShapeError(describe_shape(error.errors()) or "the request is malformed")
    return JSONResponse(describe_error(shape), status_of(shape))


def describe_shape(problems: Sequence[Any]) -> str:
    """Return in words what is wrong with a request, without what was sent."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in problems[:5]
    )[:500]


async def _answer_bug(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse(INTERNAL, 500)
