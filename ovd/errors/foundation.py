"""The base of every error that ovd raises on purpose, and of those that a request causes."""

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
