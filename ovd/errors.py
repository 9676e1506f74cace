"""Every error that ovd raises on purpose: a stable code, an exit code, a message to act on."""

from enum import StrEnum
from typing import ClassVar


class OvdError(Exception):
    """Base of all errors a user can cause or meet.

    The message says what was wanted, what came and what to do; plain text, no credentials.

    Attributes:
        code: Stable machine-readable name, part of the public contract.
        exit_code: What the command line exits with.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1


class InputError(OvdError):
    """The user's request cannot be carried out as it was written."""

    code = "bad_input"
    exit_code = 2


class MissingExtraError(InputError):
    """The request needs packages that are not installed."""

    code = "missing_extra"


class QueryError(InputError):
    """A query is empty, too long or cannot be read."""

    code = "bad_query"


class QueryListedError(QueryError):
    """A query is on the list already, as it was typed or as one that counts the same.

    Attributes:
        query_text: What was typed.
        listed_text: The query on the list.
    """

    code = "query_listed"

    def __init__(self, query_text: str, listed_text: str) -> None:
        super().__init__(
            f"{query_text!r} is already counted as {listed_text!r}; change its threshold or "
            "remove it first"
        )
        self.query_text = query_text
        self.listed_text = listed_text


class VocabularyMismatchError(InputError):
    """A vocabulary was encoded by another detector, text encoder or version of the weights."""

    code = "vocabulary_mismatch"


class ExampleError(InputError):
    """An example cannot be learned from, or examples contradict each other."""

    code = "bad_example"


class KnownNameError(ExampleError):
    """A name to be taught, or what its examples show, is known already."""

    code = "known_name"


class TeachingUnsureError(InputError):
    """Examples do not teach a name: most are not found by what the others taught."""

    code = "not_learned_from_examples"


class TaughtNameError(InputError):
    """A taught name does not exist, or belongs to other weights."""

    code = "unknown_taught_name"


class ImageError(InputError):
    """An image is missing, empty, truncated or no image."""

    code = "bad_image"


class DatasetError(InputError):
    """A COCO-format file or one of its records is wrong."""

    code = "bad_dataset"


class TruthError(InputError):
    """A file of true boxes, or one of its rows, is wrong, or does not fit the clip."""

    code = "bad_truth"


class SettingsError(InputError):
    """A setting is unknown or has a value it cannot have."""

    code = "bad_settings"


class TimeRangeError(InputError):
    """A time, time zone, range or bucket cannot be used."""

    code = "bad_time"


class ZoneError(InputError):
    """A zone is outside the image, too small or crosses itself."""

    code = "bad_zone"


class SiteError(InputError):
    """A site, its hours, doors or a correction cannot be used."""

    code = "bad_site"


class UnknownDetectorError(InputError):
    """No detector has that name."""

    code = "unknown_detector"


class UnknownRuntimeError(InputError):
    """No runtime has that name, or it does not run on the device that was asked for."""

    code = "unknown_runtime"


class MissingPackageError(InputError):
    """An optional Python package that was asked for is not installed."""

    code = "missing_package"


class UnknownFormatError(InputError):
    """No export or input format has that name."""

    code = "unknown_format"


class OutputError(InputError):
    """A file cannot be written where the user asked for it."""

    code = "bad_output"


class PortInUseError(InputError):
    """Another process listens on the address the app was asked to serve on."""

    code = "port_in_use"


class NotFoundError(InputError):
    """There is nothing of the name or id that was asked for."""

    code = "not_found"


class UnknownSiteError(NotFoundError):
    """No site has that name."""

    code = "unknown_site"


class ConflictError(InputError):
    """A name is taken, or the present state does not allow what was asked."""

    code = "conflict"


class AccessRefusedError(InputError):
    """A request is refused because of who makes it, or how."""

    code = "access_refused"


class LoginRequiredError(AccessRefusedError):
    """A request came without a valid session or token."""

    code = "login_required"


class LoginFailedError(AccessRefusedError):
    """Name and password do not fit; whether the name is known is not told."""

    code = "login_failed"


class TooManyAttemptsError(AccessRefusedError):
    """Too many sign-ins failed; the next one has to wait.

    Attributes:
        wait_s: Seconds to wait.
    """

    code = "too_many_attempts"

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many failed sign-ins; try again in {max(1, round(wait_s))} seconds")
        self.wait_s = wait_s


class ForbiddenError(AccessRefusedError):
    """The role does not allow what was asked, or the camera is not permitted."""

    code = "forbidden"


class ForeignOriginError(AccessRefusedError):
    """A request of a browser comes from another site, or under a foreign host name."""

    code = "foreign_origin"


class UploadTooLargeError(InputError):
    """The body of a request is larger than it may be."""

    code = "too_large"


class RequestTooSlowError(InputError):
    """The body of a request did not come in time."""

    code = "too_slow"


class RequestShapeError(InputError):
    """A request of the API lacks a value, or has one of another kind than is wanted."""

    code = "invalid_request"


class PasswordError(InputError):
    """A password is too short, too long or the name itself."""

    code = "bad_password"


class NoUsersError(InputError):
    """The server would be open to other machines without a single user."""

    code = "no_users"


class CameraError(InputError):
    """A camera is unknown, exists already, or cannot do what was asked in its present state."""

    code = "bad_camera"


class CredentialsError(CameraError):
    """The credentials of a camera are not known, or their key is missing or another one."""

    code = "credentials_unreadable"


class AddressError(InputError):
    """An address that is given from a browser or an API client must not be opened."""

    code = "bad_address"


class ReferenceRefusedError(AddressError):
    """An address holds a reference to an environment variable and comes from afar."""

    code = "reference_refused"


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


class StoreError(OvdError):
    """The database cannot be used."""

    code = "store_error"
    exit_code = 4


class StoreOpenError(StoreError):
    """The database cannot be reached, read or created."""

    code = "store_unavailable"


class StoreCorruptError(StoreError):
    """The file is no database, or a damaged one."""

    code = "store_corrupt"


class StoreVersionError(StoreError):
    """The database was written by a newer ovd."""

    code = "store_version"


class StoreWriteError(StoreError):
    """Counts could not be written: read-only, full or locked."""

    code = "store_readonly"


class ServerRunningError(StoreError):
    """Another server counts the cameras of the database."""

    code = "server_running"


class CloseError(OvdError):
    """Several parts of the app could not be closed cleanly."""

    code = "close_failed"


class RuntimeUnavailableError(OvdError):
    """A runtime cannot run a network here: it is not installed, damaged, or lacks something."""

    code = "runtime_unavailable"


class ForkedProcessError(RuntimeUnavailableError):
    """A process was forked from one that had loaded a detector, whose threads it lacks."""

    code = "forked_process"


class WeightsError(OvdError):
    """A weights file is missing or cannot be read."""

    code = "weights_missing"


class WeightsChecksumError(WeightsError):
    """A weights file is not the one its manifest names."""

    code = "weights_checksum"


class DetectorClosedError(OvdError):
    """The app is ending, so that a frame that waited for the detector was not looked at."""

    code = "detector_closed"


class TrainingDivergedError(OvdError):
    """The loss of a training run became non-finite."""

    code = "training_diverged"


class MailError(OvdError):
    """Mail cannot be sent; the message was certainly not taken."""

    code = "mail_failed"


class MailUnsureError(MailError):
    """The connection broke while a message was handed over; it may or may not arrive."""

    code = "mail_unsure"
