"""Basic and Digest authorization of HTTP and RTSP; RFC 7617, RFC 7616, RFC 2326."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ovd.video.uri import SourceUri

_SCHEME = re.compile(r"(?:^|,)\s*(Basic|Digest)\s+", re.IGNORECASE)
_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]*))')
_HASHES: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "SHA-256": hashlib.sha256,
}
_SESSION = "-SESS"
_STRONGEST_FIRST = ("SHA-256", "MD5")


@dataclass(frozen=True)
class Login:
    """A user and password, not encoded.

    Attributes:
        user: The user.
        password: The password; never to be shown.
    """

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(***)"


@dataclass(frozen=True)
class Challenge:
    """One way in which a server takes a user and password.

    Attributes:
        scheme: `basic` or `digest`.
        parameters: As it sent them, names in lower case.
    """

    scheme: str
    parameters: Mapping[str, str]

    @property
    def algorithm(self) -> str:
        """Name of the hash of a digest, upper case."""
        return self.parameters.get("algorithm", "MD5").upper()


def login_of(uri: SourceUri) -> Login | None:
    """Return the user and password of an address, None if it has none."""
    parts = urlsplit(uri.address)
    if parts.username is None:
        return None
    return Login(unquote(parts.username), unquote(parts.password or ""))


def parse_challenges(headers: Sequence[str]) -> tuple[Challenge, ...]:
    """Return the challenges of all `WWW-Authenticate` headers of an answer."""
    challenges = []
    for header in headers:
        pieces = _SCHEME.split(header)[1:]
        for scheme, text in zip(pieces[::2], pieces[1::2], strict=True):
            parameters = {
                name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(text)
            }
            challenges.append(Challenge(scheme.lower(), parameters))
    return tuple(challenges)


def authorize(
    challenges: Sequence[Challenge], login: Login, method: str, target: str
) -> str | None:
    """Return the `Authorization` header that answers the best of some challenges.

    Args:
        challenges: What the server offers.
        login: User and password.
        method: Method of the request.
        target: What is requested, as in the request line.

    Returns:
        None if there is none that can be answered.
    """
    for name in _STRONGEST_FIRST:
        for challenge in challenges:
            if challenge.scheme == "digest" and challenge.algorithm.removesuffix(_SESSION) == name:
                return _answer_digest(challenge, login, method, target)
    if any(challenge.scheme == "basic" for challenge in challenges):
        pair = f"{login.user}:{login.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
    return None


def _answer_digest(challenge: Challenge, login: Login, method: str, target: str) -> str:
    hash_of = _HASHES[challenge.algorithm.removesuffix(_SESSION)]

    def digest(text: str) -> str:
        return hash_of(text.encode()).hexdigest()

    given = challenge.parameters
    realm, nonce, client_nonce = (
        given.get("realm", ""),
        given.get("nonce", ""),
        secrets.token_hex(8),
    )
    secret = digest(f"{login.user}:{realm}:{login.password}")
    if challenge.algorithm.endswith(_SESSION):
        secret = digest(f"{secret}:{nonce}:{client_nonce}")
    request = digest(f"{method}:{target}")
    fields = {"username": login.user, "realm": realm, "nonce": nonce, "uri": target}
    fields |= {name: given[name] for name in ("opaque",) if name in given}
    text = ", ".join(f'{name}="{_escape(value)}"' for name, value in fields.items())
    if "algorithm" in given:
        text += f", algorithm={given['algorithm']}"
    if "auth" in re.split(r"[\s,]+", given.get("qop", "")):
        response = digest(f"{secret}:{nonce}:00000001:{client_nonce}:auth:{request}")
        text += f', qop=auth, nc=00000001, cnonce="{client_nonce}"'
    else:
        response = digest(f"{secret}:{nonce}:{request}")
    return f'Digest {text}, response="{response}"'


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
