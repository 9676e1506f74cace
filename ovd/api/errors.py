"""Errors as answers: every error of ovd has a status, and one shape of body."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ovd import errors
from ovd.errors import OvdError

# The first class that fits decides.
_STATUSES: tuple[tuple[type[OvdError], int], ...] = (
    (errors.LoginRequiredError, 401),
    (errors.LoginFailedError, 401),
    (errors.SingleSignOnError, 401),
    (errors.TooManyAttemptsError, 429),
    (errors.AccessRefusedError, 403),
    (errors.NotFoundError, 404),
    (errors.UnknownTargetError, 404),
    (errors.ConflictError, 409),
    (errors.QueryListedError, 409),
    (errors.AlertRuleListedError, 409),
    (errors.UnknownAlertRuleError, 404),
    (errors.UploadTooLargeError, 413),
    (errors.RequestTooSlowError, 408),
    (errors.RequestShapeError, 422),
    (errors.UnknownModelError, 404),
    (errors.LicenceError, 403),
    (errors.ModelMissingError, 409),
    (errors.InputError, 400),
    (errors.SourceError, 422),
    (errors.StoreError, 503),
    (errors.DeliveryError, 422),
    (errors.HubError, 502),
    (errors.DetectorClosedError, 503),
)
_HTTP_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media",
}
INTERNAL = {"error": {"code": "internal", "message": "an error of ovd; the log says more"}}


def status_of(error: OvdError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def describe_error(error: OvdError) -> dict[str, dict[str, str]]:
    """Return the body of an answer that tells of an error; it holds no credentials."""
    return {"error": {"code": error.code, "message": str(error)}}


async def answer_http(_: Request, error: Exception) -> Response:
    """Return the answer to a request that no route takes, or that one refused by its status."""
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "bad_input")
    body = {"error": {"code": code, "message": str(error.detail)}}
    return JSONResponse(body, error.status_code, error.headers)
