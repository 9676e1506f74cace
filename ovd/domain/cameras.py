"""Cameras: what is known about one, and the repository that owns them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from ovd.domain.live import Transport
from ovd.domain.names import normalise_name
from ovd.domain.zones import Mask
from ovd.errors import CameraError

MAX_CAMERA_NAME = 200


def check_camera_name(text: str) -> str:
    """Return a camera's name as it is kept; see `ovd.domain.names.normalise_name`.

    Raises:
        CameraError: If it is blank, too long or holds control characters.
    """
    name = normalise_name(text)
    if not name or len(name) > MAX_CAMERA_NAME or not name.isprintable():
        raise CameraError(
            f"a camera needs a printable name of 1 to {MAX_CAMERA_NAME} characters, got "
            f"{text[:40]!r}; give it one such as gate"
        )
    return name


@dataclass(frozen=True)
class CameraAddress:
    """Where a camera is read from.

    Attributes:
        uri: The address without credentials, for people; `{NAME}` references to environment
            variables may stand for them.
        full_uri: The address that opens it, with credentials: the same as `uri` where it needs
            none, None where they are not known. Never to be shown.

    Raises:
        ValueError: If `uri` holds a password.
    """

    uri: str
    full_uri: str | None = field(repr=False)

    def __post_init__(self) -> None:
        password = urlsplit(self.uri).password if "://" in self.uri else None
        if password is not None and not _is_reference(password):
            raise ValueError("the shown address of a camera must be free of credentials")

    @classmethod
    def without_credentials(cls, uri: str) -> "CameraAddress":
        """Return an address that needs no credentials beyond `{NAME}` references."""
        return cls(uri, uri)

    @property
    def has_credentials(self) -> bool:
        """Return whether it has credentials, which must be stored encrypted."""
        return self.full_uri is not None and self.full_uri != self.uri


def _is_reference(password: str) -> bool:
    return password.startswith("{") and password.endswith("}") and password[1:-1].isidentifier()


@dataclass(frozen=True)
class CameraQuery:
    """A query that a camera is asked.

    Attributes:
        text: The query text as typed.
        min_score: Threshold in [0, 1]; None takes the detector's default.
    """

    text: str
    min_score: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", normalise_name(self.text))


# Chosen as the judge of a camera, it is counted without one whatever the settings say.
NO_JUDGE = "none"


@dataclass(frozen=True)
class CameraOptions:
    """Options for reading and counting a camera.

    Attributes:
        sample_fps: Frames to count per second; None counts every frame.
        transport: How an RTSP camera sends; None takes what the settings say.
        detector: Name of its detector; empty takes that of the settings.
        verify: Name of the judge of its tracks; empty takes that of the settings, `NO_JUDGE` none.
    """

    sample_fps: float | None = None
    transport: Transport | None = None
    detector: str = ""
    verify: str = ""

    @property
    def chooses(self) -> bool:
        """Return whether it is counted otherwise than the settings say."""
        return bool(self.detector or self.verify)


@dataclass(frozen=True)
class Camera:
    """A named source and how it is counted. It holds no credentials.

    Attributes:
        id: Key in the database.
        name: Unique name.
        uri: Where it is read from, credentials removed.
        created_at: Aware UTC.
        enabled: Whether `ovd serve` counts it.
        queries: What is counted; empty takes the saved queries.
        options: How it is read.
        complete: Whether it can be opened: `uri` is all that is needed, or the credentials are
            kept. Otherwise a person has to give its address again.
        removed_at: When it was removed, aware UTC; None while it is in use.
        masks: Where nothing is counted, or nothing shown.
        added: Whether a user added it; otherwise it was only counted, and takes the address that
            it is counted from.
        revision: Raised by every change, also of credentials.
    """

    id: int
    name: str
    uri: str
    created_at: datetime
    enabled: bool = False
    queries: tuple[CameraQuery, ...] = ()
    options: CameraOptions = CameraOptions()
    complete: bool = True
    removed_at: datetime | None = None
    added: bool = False
    revision: int = 1
    masks: tuple[Mask, ...] = ()


@dataclass(frozen=True)
class CameraSettings:
    """A camera as a user wants it.

    Attributes:
        name: Its name; kept in the form of `check_camera_name`.
        address: Where it is read from.
        queries: What to count; empty takes the saved queries.
        options: How it is read.
        enabled: Whether `ovd serve` counts it.
        masks: Where nothing is counted, or nothing shown; empty leaves those it has.

    Raises:
        CameraError: If the name cannot be used.
    """

    name: str
    address: CameraAddress
    queries: tuple[CameraQuery, ...] = ()
    options: CameraOptions = CameraOptions()
    enabled: bool = True
    masks: tuple[Mask, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_camera_name(self.name))


@dataclass(frozen=True)
class CameraChanges:
    """Changes to a camera; None leaves a value as it is."""

    address: CameraAddress | None = None
    queries: tuple[CameraQuery, ...] | None = None
    options: CameraOptions | None = None
    enabled: bool | None = None
    name: str | None = None
    masks: tuple[Mask, ...] | None = None


@dataclass(frozen=True)
class AddedCamera:
    """A camera that was added.

    Attributes:
        camera: The camera.
        continues: Whether it takes up the history of a camera of that name that was removed, or
            that was only counted with `ovd count` so far.
    """

    camera: Camera
    continues: bool


class CameraRepository(Protocol):
    """The one owner of cameras. Names may come in any Unicode form, with spaces around.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def add(self, settings: CameraSettings) -> AddedCamera:
        """Add a camera; a name that was removed, or only counted so far, continues its history.

        Raises:
            CameraError: If there is a camera of that name.
            CredentialsError: If its credentials cannot be encrypted.
        """
        ...

    def update(self, name: str, changes: CameraChanges) -> Camera:
        """Change what a user set for a camera, all of it or nothing.

        Another name takes the history along, and the permissions of users and tokens.

        Raises:
            CameraError: If there is no camera of that name, or its new name belongs to another
                camera, also to one that was removed.
            CredentialsError: If its credentials cannot be encrypted.
        """
        ...

    def record(self, name: str, uri: str) -> Camera:
        """Return the camera that a run counts under this name, added where there is none.

        A camera that is added this way, or was removed, is not enabled. One that a user added
        keeps its address; any other takes `uri`, which must be free of credentials.

        Raises:
            CameraError: If the name cannot be used.
        """
        ...

    def all(self, include_removed: bool = False) -> tuple[Camera, ...]:
        """Return the cameras by name, without those that were removed unless they are wanted."""
        ...

    def find(self, name: str) -> Camera:
        """Return the camera of that name.

        Raises:
            CameraError: If there is none, or it was removed.
        """
        ...

    def find_address(self, name: str) -> str:
        """Return the address that opens a camera, with credentials: only for opening it.

        Raises:
            CameraError: If there is no camera of that name.
            CredentialsError: If its credentials are not known, or cannot be decrypted.
        """
        ...

    def remove(self, name: str) -> bool:
        """Take a camera off; its credentials are forgotten, what it counted stays in reports.

        Returns:
            Whether it has a history, and so lives on in reports.

        Raises:
            CameraError: If there is no camera of that name.
        """
        ...
