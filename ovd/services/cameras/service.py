"""CameraService: cameras as people set them, whether in the page, the API or the command line."""

from urllib.parse import quote, urlsplit

from ovd.domain.cameras import (
    AddedCamera,
    CameraAddress,
    CameraChanges,
    CameraRepository,
    CameraSettings,
    check_camera_name,
)
from ovd.errors import AddressError, InputError, ReferenceRefusedError
from ovd.video.network.blocked import require_camera_host
from ovd.video.uri import SourceUri, UriKind

# A path given from afar would let people look around on this machine's disk.
REMOTE_KINDS = (UriKind.RTSP, UriKind.HTTP, UriKind.WEBCAM)
# Begins the name of an environment variable in an address.
REFERENCE = "{"


def parse_camera_address(text: str) -> CameraAddress:
    """Return an address as typed, split into what may be shown and what opens it.

    Raises:
        SourceOpenError: If it names no kind of source that can be read.
    """
    source = SourceUri.parse(text)
    if source.complete:
        return CameraAddress.without_credentials(source.redacted)
    return CameraAddress(source.redacted, source.address)


def add_password(uri: str, password: str) -> str:
    """Return an address with a password for the user in it, encoded as it must be.

    Raises:
        AddressError: If the address names no user, or holds a password already.
    """
    scheme, separator, rest = uri.strip().partition("://")
    user, at, host = rest.partition("@")
    if not separator or not at or not user or set(user) & set(":/?#"):
        raise AddressError(
            "a password belongs to a user: write the address as rtsp://USER@host/path, without "
            "a password"
        )
    return f"{scheme}://{user}:{quote(password, safe='')}@{host}"


def add_login(uri: str, user: str, password: str) -> str:
    """Return an address with a user and password that were typed apart from it; both may be empty.

    Raises:
        AddressError: If the address has a user already, or there is a password and no user.
    """
    if not user and not password:
        return uri
    scheme, separator, rest = uri.strip().partition("://")
    host = rest.partition("/")[0]
    if not user or not separator or "@" in host:
        raise AddressError(
            "user and password are wanted once: in fields of their own, or in an address such as "
            "rtsp://USER:PASSWORD@host/path"
        )
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}"


def choose_camera_name(typed: str, uri: str) -> str:
    """Return the name that was typed, or one made of the address where none was.

    Raises:
        CameraError: If it cannot be used.
        SourceOpenError: If the address names no kind of source that can be read.
    """
    return check_camera_name(typed if typed.strip() else SourceUri.parse(uri).default_camera)


def recording_error(camera: str) -> InputError:
    """Return the error for a recording that was added as a camera of a server."""
    return InputError(
        f"camera {camera!r} is a recording, which would be counted anew with every start; count it "
        "once with ovd count"
    )


class CameraService:
    """Adds, changes and opens cameras by the rules that hold wherever people do so."""

    def __init__(self, cameras: CameraRepository) -> None:
        """Work on the cameras of a repository."""
        self._cameras = cameras

    def parse_remote_address(self, text: str) -> CameraAddress:
        """Return the address of a camera that came from a browser or an API client.

        The shown address of a camera that is known stands for its kept credentials.

        Raises:
            AddressError: If it is empty, no stream or webcam, or where no camera may be.
            ReferenceRefusedError: If it holds a `{NAME}` reference and no camera has that address:
                a visitor must not send this machine's variables to any host.
            SourceOpenError: If it names no kind of source that can be read.
        """
        if not text.strip() or SourceUri.parse(text).kind not in REMOTE_KINDS:
            raise AddressError(
                "an rtsp://, rtsps://, http:// or https:// address or webcam:0 is wanted here; a "
                "file on this machine is added with ovd cameras add"
            )
        source = SourceUri.parse(text)
        if source.kind is not UriKind.WEBCAM:
            require_camera_host(urlsplit(source.address).hostname or "")
        address = parse_camera_address(text)
        known = [camera for camera in self._cameras.all() if camera.uri == address.uri]
        if REFERENCE in text and not known:
            raise ReferenceRefusedError(
                "an address with a {NAME} reference is added on the machine itself: "
                "ovd cameras add NAME URI"
            )
        if address.has_credentials:
            return address
        for camera in known:
            if camera.complete:
                return CameraAddress(address.uri, self._cameras.find_address(camera.name))
        return address

    def changed_names(self) -> frozenset[str]:
        """Return the names of the cameras that were changed since they were added, or removed.

        Raises:
            StoreError: If the database cannot be used.
        """
        known = self._cameras.all(include_removed=True)
        return frozenset(camera.name for camera in known if camera.revision > 1)

    def save(self, settings: CameraSettings) -> AddedCamera:
        """Add a camera, or change the one of that name; see `AddedCamera.continues`.

        Raises:
            CredentialsError: If its credentials cannot be encrypted.
            StoreError: If the database cannot be used.
        """
        if settings.name not in {camera.name for camera in self._cameras.all()}:
            return self._cameras.add(settings)
        changes = CameraChanges(
            settings.address,
            settings.queries,
            settings.options,
            settings.enabled,
            masks=settings.masks or None,
        )
        return AddedCamera(self._cameras.update(settings.name, changes), continues=True)
