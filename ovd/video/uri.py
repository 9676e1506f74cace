"""SourceUri: what a user named as a source, told apart by kind and safe to show."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from ovd.errors import SourceOpenError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff"})
LONGEST_URI = 4096

MASK = "***"
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):")
_MASKED_WORDS = "key|token|pass|pwd|auth|secret|sig|session|cred|user|usr|login"
_MASKED_PARAMETER = re.compile(
    rf"((?:[^=&;/?]*(?:{_MASKED_WORDS})[^=&;/?]*|(?<![^&;/?_])(?:pw|sid|u|p))=)(?!\{{\w+\}}(?:[&;/?]|$))[^&;/?]*",
    re.IGNORECASE,
)
# {NAME} stands for a variable of the environment; it is no secret itself.
_REFERENCE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NESTED_USER = re.compile(r"(?<=://)[^/\s]*@|(?<=%3A%2F%2F)[^&;/]*%40", re.IGNORECASE)


class SourceKind(StrEnum):
    """How a source is read."""

    FILE = "file"
    IMAGE = "image"
    FOLDER = "folder"
    RTSP = "rtsp"
    HTTP = "http"
    WEBCAM = "webcam"


_URL_KINDS = {
    "rtsp": SourceKind.RTSP,
    "rtsps": SourceKind.RTSP,
    "http": SourceKind.HTTP,
    "https": SourceKind.HTTP,
}


@dataclass(frozen=True)
class SourceUri:
    """One source, with its credentials kept out of everything that is shown.

    Attributes:
        kind: How it is read.
        redacted: The URI without user, password and parameters that look like secrets; for
            messages, logs and the store.
        default_camera: A camera name for users who gave none: stem of the file, name of the
            folder, host of the URL; the same for the same source every time.
        complete: Whether `redacted` is all that is needed to open it again: nothing was removed.
        address: What to open: a path, a URL with its credentials, or the number of a webcam.
            Never to be printed, stored or put into a message.
    """

    kind: SourceKind
    redacted: str
    default_camera: str
    address: str = field(repr=False)
    complete: bool = True

    def __str__(self) -> str:
        return self.redacted

    @classmethod
    def parse(cls, text: str) -> Self:
        """Classify what a user typed; nothing is opened, only looked up on the disk.

        Args:
            text: A path, a `file:`, `rtsp`, `rtsps`, `http` or `https` URL, or `webcam:N`.

        Raises:
            SourceOpenError: If it names no kind of source that can be read.
        """
        text = text.strip()
        if not text or len(text) > LONGEST_URI or not text.isprintable():
            raise SourceOpenError(
                f"a source needs 1 to {LONGEST_URI} printable characters, got {len(text)}; name a "
                "file, a folder of images, an rtsp:// or http:// address, or webcam:0"
            )
        match = _SCHEME.match(text)
        scheme = match[1].lower() if match else ""
        if scheme == "webcam":
            return cls._parse_webcam(text)
        if scheme in _URL_KINDS:
            return cls._parse_url(text, scheme)
        if scheme == "file":
            return cls._parse_path(unquote(urlsplit(text).path), text)
        if "://" in text:
            raise SourceOpenError(
                f"cannot read a source by {scheme or 'that'}://; known are rtsp, rtsps, http, "
                "https, webcam:N and paths"
            )
        return cls._parse_path(text, text)

    @classmethod
    def _parse_webcam(cls, text: str) -> Self:
        number = text.partition(":")[2].strip("/")
        if not (number.isascii() and number.isdigit()):
            raise SourceOpenError(f"a webcam is named by its number, as in webcam:0, got {text!r}")
        number = str(int(number))
        return cls(SourceKind.WEBCAM, f"webcam:{number}", f"webcam-{number}", number)

    @classmethod
    def _parse_path(cls, path_text: str, shown: str) -> Self:
        path = Path(path_text).expanduser()
        try:
            is_folder = path.is_dir()
        except OSError as error:
            raise SourceOpenError(f"cannot look up {shown}: {error.strerror}") from error
        if is_folder:
            return cls(SourceKind.FOLDER, shown, path.resolve().name or "folder", str(path))
        is_image = path.suffix.lower() in IMAGE_SUFFIXES
        kind = SourceKind.IMAGE if is_image else SourceKind.FILE
        return cls(kind, shown, path.stem, str(path))

    @classmethod
    def _parse_url(cls, text: str, scheme: str) -> Self:
        # A / ? # @ that was not encoded in a password can make any part of the URL hold a piece
        # of it ("user:12/34@host" has host "user"), so nothing of such a URL may be repeated.
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if host and ":" in parts.netloc and "@" not in parts.netloc:
            before, at, _ = text.partition("://")[2].removeprefix(parts.netloc).partition("@")
            if at and "=" not in before:
                host = None
        if not host:
            raise SourceOpenError(
                f"cannot read this {scheme}:// address; write {scheme}://user:password@host:port/"
                "path, with / ? # @ : in a password as %2F %3F %23 %40 %3A"
            )
        redacted = _redact(parts, host, port)
        kept_user = not parts.netloc.rpartition("@")[0] or "@" in urlsplit(redacted).netloc
        kept_rest = _redact_rest(parts) == _rest(parts)
        address = text.partition("#")[0]
        return cls(_URL_KINDS[scheme], redacted, host, address, kept_user and kept_rest)

    def with_secrets(self, secrets: Mapping[str, str]) -> Self:
        """Put values in the places of `{NAME}` references in user, password and parameters.

        Raises:
            SourceOpenError: If a name has no value.
        """
        if self.kind not in _URL_KINDS.values():
            return self

        def value(match: re.Match[str]) -> str:
            if match[1] not in secrets:
                raise SourceOpenError(
                    f"cannot open {self}: the environment has no variable {match[1]}; set it where "
                    "ovd is started"
                )
            return quote(secrets[match[1]], safe="")

        parts = urlsplit(self.address)
        user, at, rest = parts.netloc.rpartition("@")
        parts = parts._replace(
            netloc=_REFERENCE.sub(value, user) + at + rest, query=_REFERENCE.sub(value, parts.query)
        )
        return replace(self, address=parts.geturl())


def same_file(address: str, other: str) -> bool:
    """Whether two addresses, as typed or as stored, name the same recording on this machine."""
    try:
        first, second = SourceUri.parse(address), SourceUri.parse(other)
        if first.kind is not second.kind:
            return False
        if first.kind in _URL_KINDS.values() or first.kind is SourceKind.WEBCAM:
            return first.redacted == second.redacted
        return Path(first.address).resolve() == Path(second.address).resolve()
    except (SourceOpenError, OSError):
        return False


def outlasts(kept: str, counted: str) -> bool:
    """Whether a camera keeps its address when a recording is counted under its name.

    The address of a stream is where the camera is found again; only another address of its kind
    takes its place.

    Args:
        kept: Address of the camera as stored.
        counted: Address of the recording, without credentials.
    """
    try:
        camera, recording = SourceUri.parse(kept).kind, SourceUri.parse(counted).kind
    except SourceOpenError:
        return False
    is_stream = camera in (*_URL_KINDS.values(), SourceKind.WEBCAM)
    return is_stream and camera is not recording


def _redact(parts: SplitResult, host: str, port: int | None) -> str:
    authority = f"[{host}]" if ":" in host else host
    if port is not None:
        authority += f":{port}"
    user = parts.netloc.rpartition("@")[0]
    if user and _REFERENCE.fullmatch(user.rpartition(":")[2]):
        authority = f"{user}@{authority}"
    return f"{parts.scheme}://{authority}{_redact_rest(parts)}"


def _rest(parts: SplitResult) -> str:
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _redact_rest(parts: SplitResult) -> str:
    return _MASKED_PARAMETER.sub(rf"\1{MASK}", _NESTED_USER.sub("", _rest(parts)))
