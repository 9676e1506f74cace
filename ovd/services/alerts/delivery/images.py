"""AlertImages: the kept image of what a message is about."""

from datetime import timedelta

from ovd.domain.alerts import AlertMessage, MessageType
from ovd.domain.ports import EvidenceArchive
from ovd.domain.ports.notify import Attachment

# How far from an alert an image of it is looked for, and the largest that goes along.
WITHIN = timedelta(seconds=60)
LARGEST_BYTES = 5_000_000


class AlertImages:
    """Finds images among the evidence, which was blurred as the settings say when it was kept."""

    def __init__(self, evidence: EvidenceArchive) -> None:
        """Look into an archive."""
        self._evidence = evidence

    def find(self, message: AlertMessage) -> tuple[Attachment, ...]:
        """Return the image nearest to the time of a message; none of the end of an alert."""
        if not (message.camera and message.query) or message.type is MessageType.END:
            return ()
        images = self._evidence.find(
            message.camera, message.query, message.at - WITHIN, message.at + WITHIN
        )
        nearest = sorted(images, key=lambda image: abs(image.captured_at - message.at))
        for image in nearest[:3]:
            try:
                content = self._evidence.path_of(image).read_bytes()
            except OSError:  # it was removed since
                continue
            if len(content) <= LARGEST_BYTES:
                name = f"{image.captured_at:%Y%m%d-%H%M%S}.jpg"
                return (Attachment(name, "image/jpeg", content),)
        return ()
