"""SourceUri: what a user named as a source, told apart by kind and safe to show."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from ovd.errors import SourceOpenError
from ovd.video.network.credentials import (
    REFERENCE,
    holds_login,
    is_complete,
    redact_url,
    split_url,
)

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff"})
LONGEST_URI = 4096

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):")


class UriKind(StrEnum):
    """The kind of a source address."""

    FILE = "file"
    IMAGE = "image"
    FOLDER = "folder"
    RTSP = "rtsp"
    HTTP = "http"
    WEBCAM = "webcam"


_URL_KINDS = {
    "rtsp": UriKind.RTSP,
    "rtsps": UriKind.RTSP,
    "http": UriKind.HTTP,
    "https": UriKind.HTTP,
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

    kind: UriKind
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
        known_by_scheme = text[len(scheme) :].startswith("://")
        if scheme == "webcam":
            return cls._parse_webcam(text)
        if scheme in _URL_KINDS:
            return cls._parse_url(text, scheme)
        if scheme == "file":
            return cls._parse_file_url(text)
        if "://" in text:
            # In "user:password@rtsp://host" what stands first is no scheme.
            shown = f"{scheme}://" if known_by_scheme else "that address"
            raise SourceOpenError(
                f"cannot read a source by {shown}; known are rtsp, rtsps, http, https, webcam:N "
                "and paths"
            )
        return cls._parse_path(text, text)

    @classmethod
    def _parse_webcam(cls, text: str) -> Self:
        number = text.partition(":")[2].strip("/")
        if not (number.isascii() and number.isdigit()):
            raise SourceOpenError(f"a webcam is named by its number, as in webcam:0, got {text!r}")
        number = str(int(number))
        return cls(UriKind.WEBCAM, f"webcam:{number}", f"webcam-{number}", number)

    @classmethod
    def _parse_file_url(cls, text: str) -> Self:
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            raise SourceOpenError(
                "a file: address names no host; write file:///folder/clip.mp4 or just the path"
            )
        return cls._parse_path(unquote(parts.path), text)

    @classmethod
    def _parse_path(cls, path_text: str, shown: str) -> Self:
        path = Path(path_text).expanduser()
        try:
            is_folder, exists = path.is_dir(), path.exists()
        except OSError as error:
            raise SourceOpenError(f"cannot look up {shown}: {error.strerror}") from None
        if not exists and holds_login(path_text):
            raise SourceOpenError(
                "there is no such file, and the address of a camera begins with its scheme: write "
                "rtsp://user:password@host:port/path"
            )
        if is_folder:
            return cls(UriKind.FOLDER, shown, path.resolve().name or "folder", str(path))
        is_image = path.suffix.lower() in IMAGE_SUFFIXES
        kind = UriKind.IMAGE if is_image else UriKind.FILE
        return cls(kind, shown, path.stem, str(path))

    @classmethod
    def _parse_url(cls, text: str, scheme: str) -> Self:
        parts = split_url(text, scheme)
        return cls(
            _URL_KINDS[scheme],
            redact_url(parts),
            parts.hostname or "",
            text.partition("#")[0],
            is_complete(parts),
        )

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
            netloc=REFERENCE.sub(value, user) + at + rest, query=REFERENCE.sub(value, parts.query)
        )
        return replace(self, address=parts.geturl())


def same_file(address: str, other: str) -> bool:
    """Tell whether two addresses, as typed or as stored, name the same recording here."""
    try:
        first, second = SourceUri.parse(address), SourceUri.parse(other)
        if first.kind is not second.kind:
            return False
        if first.kind in _URL_KINDS.values() or first.kind is UriKind.WEBCAM:
            return first.redacted == second.redacted
        return Path(first.address).resolve() == Path(second.address).resolve()
    except (SourceOpenError, OSError):
        return False


def keeps_address(camera: str, recording: str) -> bool:
    """Tell whether a camera keeps its address when a recording is counted under its name.

    The address of a stream is where the camera is found again; only another address of its kind
    takes its place.

    Args:
        camera: Address of the camera as stored.
        recording: Address of the recording, without credentials.
    """
    try:
        kept, counted = SourceUri.parse(camera).kind, SourceUri.parse(recording).kind
    except SourceOpenError:
        return False
    is_stream = kept in (*_URL_KINDS.values(), UriKind.WEBCAM)
    return is_stream and kept is not counted
