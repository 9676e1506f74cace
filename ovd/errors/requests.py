"""Errors of requests: something that was typed, named or handed in cannot be used."""

from ovd.errors.foundation import InputError


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


class ConflictError(InputError):
    """A name is taken, or the present state does not allow what was asked."""

    code = "conflict"


class UploadTooLargeError(InputError):
    """The body of a request is larger than it may be."""

    code = "too_large"


class RequestTooSlowError(InputError):
    """The body of a request did not come in time."""

    code = "too_slow"


class RequestShapeError(InputError):
    """A request of the API lacks a value, or has one of another kind than is wanted."""

    code = "invalid_request"


class AddressError(InputError):
    """An address that is given from a browser or an API client must not be opened."""

    code = "bad_address"


class ReferenceRefusedError(AddressError):
    """An address holds a reference to an environment variable and comes from afar."""

    code = "reference_refused"
