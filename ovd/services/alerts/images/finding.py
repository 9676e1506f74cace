"""AlertImages: the kept images of what a message is about."""

from collections.abc import Sequence
from datetime import timedelta

from ovd.domain.alerts import AlertMessage, MessageType
from ovd.domain.names import name_key
from ovd.domain.ports import EvidenceArchive
from ovd.domain.ports.notify import Attachment
from ovd.domain.records import EvidenceImage

# How far from an alert an image of it is looked for, and the largest that goes along.
WITHIN = timedelta(seconds=15)
LARGEST_BYTES = 5_000_000
MOST_ATTACHED = 8
_MOMENT = timedelta(microseconds=1)


class AlertImages:
    """Finds images among the evidence, which was blurred as the settings say when it was kept."""

    def __init__(self, evidence: EvidenceArchive) -> None:
        """Look into an archive."""
        self._evidence = evidence

    def find(self, message: AlertMessage) -> tuple[EvidenceImage, ...]:
        """Return the images of an alert, best object first.

        They are those kept when it began; without any, the one nearest to it in time. The end of
        an alert has none.
        """
        if not (message.camera and message.query) or message.type is MessageType.END:
            return ()
        if message.image_query:
            at = message.at
            kept = self._evidence.find(message.camera, message.image_query, at, at + _MOMENT)
            if kept:
                return tuple(sorted(kept, key=lambda image: image.number))
        found = self._find_near(message)
        nearest = min(
            found,
            key=lambda image: (abs(image.captured_at - message.at), image.number),
            default=None,
        )
        return () if nearest is None else (nearest,)

    def attach(self, message: AlertMessage) -> tuple[Attachment, ...]:
        """Return the images of an alert as files."""
        attached = []
        for image in self.find(message)[:MOST_ATTACHED]:
            content = self.read(image)
            if content and len(content) <= LARGEST_BYTES:
                number = f"-{image.number}" if image.number else ""
                name = f"{image.captured_at:%Y%m%d-%H%M%S}{number}.jpg"
                attached.append(Attachment(name, "image/jpeg", content))
        return tuple(attached)

    def read(self, image: EvidenceImage) -> bytes:
        """Return an image as JPEG; empty where it was removed since."""
        try:
            return self._evidence.path_of(image).read_bytes()
        except OSError:
            return b""

    def _find_near(self, message: AlertMessage) -> Sequence[EvidenceImage]:
        query = name_key(message.query)
        return [
            image
            for camera, text in self._evidence.series()
            if camera == message.camera and name_key(text) == query
            for image in self._evidence.find(camera, text, message.at - WITHIN, message.at + WITHIN)
        ]
