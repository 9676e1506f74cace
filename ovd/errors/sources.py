"""Errors of cameras and other video sources."""

from enum import StrEnum

from ovd.errors.foundation import InputError, OvdError


class CameraError(InputError):
    """A camera is unknown, exists already, or cannot do what was asked in its present state."""

    code = "bad_camera"


class CredentialsError(CameraError):
    """The credentials of a camera are not known, or their key is missing or another one."""

    code = "credentials_unreadable"


class SourceError(OvdError):
    """A video source cannot deliver frames."""

    code = "source_error"
    exit_code = 3


class OpenFailure(StrEnum):
    """Reasons for a source that cannot be opened, as far as they decide about another attempt."""

    SILENT = "silent"
    AWAY = "away"
    REFUSED = "refused"
    RECORDED = "recorded"
    UNUSABLE = "unusable"


class SourceOpenError(SourceError):
    """A source is missing, unreachable, refused, or holds no video.

    Attributes:
        failure: SILENT when no host answers at its address, so that trying again costs the camera
            nothing; AWAY when it answers and may be back any moment; REFUSED when it does not take
            the user or password and must not be asked again and again; RECORDED when it is a
            recording where a camera is expected; UNUSABLE otherwise.
    """

    code = "source_unreadable"

    def __init__(self, message: str, failure: OpenFailure = OpenFailure.UNUSABLE) -> None:
        super().__init__(message)
        self.failure = failure


class SourceLostError(SourceError):
    """A source that had delivered frames stopped; this is an outage, not the end of a file."""

    code = "source_lost"
