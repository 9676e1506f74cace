"""Errors as answers: every error of ovd has a status, and one shape of body."""

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
INTERNAL = {"error": {"code": "internal", "message": "an error of ovd; the log says more"}}


def status_of(error: OvdError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def describe_error(error: OvdError) -> dict[str, dict[str, str]]:
    """Return the body of an answer that tells of an error; it holds no credentials."""
    return {"error": {"code": error.code, "message": str(error)}}
