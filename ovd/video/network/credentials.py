"""Credentials in network addresses: refused where ambiguous, removed before they are shown."""

import re
from urllib.parse import SplitResult, urlsplit

from ovd.errors import SourceOpenError

MASK = "***"
# {NAME} stands for a variable of the environment; it is no secret itself.
REFERENCE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")

# Parts of the names of parameters whose values are secret.
TELLING = "key|token|pass|pwd|auth|secret|sig|session|cred|user|usr|login"
_NAME = rf"(?:[^=&;/?]*(?:{TELLING})[^=&;/?]*|(?<![^&;/?_])(?:pw|sid|u|p))="
_NO_REFERENCE = r"(?!\{\w+\}(?:[&;/?]|$))"
_VALUE_IN_PATH = re.compile(rf"({_NAME}){_NO_REFERENCE}[^&;/?]*", re.IGNORECASE)
# In a query, only & ends a value: a password may hold / ? and ;.
_VALUE_IN_QUERY = re.compile(rf"({_NAME}){_NO_REFERENCE}[^&]*", re.IGNORECASE)
_NESTED_URL = re.compile(r"=[a-z][a-z0-9+.-]*://[^@&\s]*@", re.IGNORECASE)
_NESTED_USER = re.compile(r"(?<=://)[^/\s]*@|(?<=%3A%2F%2F)[^&;/]*%40", re.IGNORECASE)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BARE_LOGIN = re.compile(r"[^/\\]*:.*@", re.DOTALL)


def split_url(text: str, scheme: str) -> SplitResult:
    """Split a network address whose user and password are encoded.

    A `/`, `?`, `#`, `@`, `:` or space that was not encoded in a password makes any part of the
    address hold a piece of it ("user:12/34@host" names the host "user"), so an address in which
    one may be is refused, and nothing of it is repeated.

    Args:
        text: The address as typed.
        scheme: Its scheme, lower case.

    Raises:
        SourceOpenError: If it has no host, or may hold a user or password that is not encoded.
    """
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    tail = text.partition("://")[2].removeprefix(authority)
    login, _, place = authority.rpartition("@")
    parts = _try_split(text)
    ambiguous = (
        "@" in login
        or login.count(":") > 1
        or re.search(r"\s", authority) is not None
        or _BARE_PERCENT.search(login) is not None
        or "@" in _NESTED_URL.sub("", tail)
    )
    if parts is None or ambiguous or not place:
        raise SourceOpenError(
            f"cannot read this {scheme}:// address; write {scheme}://user:password@host:port/path, "
            "with / ? # @ : % and spaces in the user or password as %2F %3F %23 %40 %3A %25 %20, "
            "and @ after the host as %40"
        )
    return parts


def _try_split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return parts if parts.hostname and port != 0 else None


def holds_login(text: str) -> bool:
    """Tell whether a text that is no file looks like an address with a user or password in it."""
    return _BARE_LOGIN.match(text) is not None


def redact_url(parts: SplitResult) -> str:
    """Return the address without user, password and values of parameters that look like secrets.

    References to variables of the environment stay.
    """
    host = parts.hostname or ""
    authority = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        authority += f":{parts.port}"
    login = parts.netloc.rpartition("@")[0]
    if has_reference_as_password(parts):
        authority = f"{login}@{authority}"
    return f"{parts.scheme}://{authority}{_redact_rest(parts)}"


def has_reference_as_password(parts: SplitResult) -> bool:
    """Tell whether the password, or the user where there is none, is a `{NAME}` reference."""
    login = parts.netloc.rpartition("@")[0]
    return REFERENCE.fullmatch(login.rpartition(":")[2]) is not None


def is_complete(parts: SplitResult) -> bool:
    """Tell whether `redact_url` removes nothing that is needed to open the address again."""
    has_login = "@" in parts.netloc
    if has_login and not has_reference_as_password(parts):
        return False
    return _redact_rest(parts) == parts.path + (f"?{parts.query}" if parts.query else "")


def _redact_rest(parts: SplitResult) -> str:
    path = _VALUE_IN_PATH.sub(rf"\1{MASK}", _NESTED_USER.sub("", parts.path))
    query = _VALUE_IN_QUERY.sub(rf"\1{MASK}", _NESTED_USER.sub("", parts.query))
    return path + (f"?{query}" if query else "")
