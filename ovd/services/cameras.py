"""Cameras as people set them: what an address means and who may have it opened."""

from ovd.domain.cameras import CameraAddress
from ovd.video.uri import SourceUri


def parse_camera_address(text: str) -> CameraAddress:
    """Return an address as typed, split into what may be shown and what opens it.

    Raises:
        SourceOpenError: If it names no kind of source that can be read.
    """
    source = SourceUri.parse(text)
    if source.complete:
        return CameraAddress.without_credentials(source.redacted)
    return CameraAddress(source.redacted, source.address)
