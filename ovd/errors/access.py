"""Errors of access: who asks is not known, or not allowed to."""

from ovd.errors.foundation import InputError


class AccessRefusedError(InputError):
    """A request is refused because of who makes it, or how."""

    code = "access_refused"


class LoginRequiredError(AccessRefusedError):
    """A request came without a valid session or token."""

    code = "login_required"


class LoginFailedError(AccessRefusedError):
    """Name and password do not fit; whether the name is known is not told."""

    code = "login_failed"


class SingleSignOnError(AccessRefusedError):
    """The provider of the single sign-on did not vouch for the person, or cannot be asked."""

    code = "single_sign_on"


class NoRoleError(AccessRefusedError):
    """A person of the single sign-on belongs to no group that gives a role."""

    code = "no_role"


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


class PasswordError(InputError):
    """A password is too short, too long or the name itself."""

    code = "bad_password"


class NoUsersError(InputError):
    """The server would be open to other machines without a single user."""

    code = "no_users"
