"""Ports of the evidence: images of what was counted."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from ovd.domain.records import EvidenceImage, EvidenceStatus
from ovd.threads import ThreadHealth


class EvidenceSink(Protocol):
    """Accepts finished images."""

    def put(self, image: EvidenceImage, jpeg: bytes) -> None:
        """Hand over an image; it is dropped when it cannot be written, never waited for."""
        ...


class EvidenceArchive(EvidenceSink, Protocol):
    """Images of what was counted, as stored on disk."""

    def find(
        self, camera: str, query: str, start_at: datetime, end_at: datetime
    ) -> tuple[EvidenceImage, ...]:
        """Return images of one query at one camera in `[start_at, end_at)`, by time."""
        ...

    def may_have(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> bool:
        """Return whether `find` may find an image; fast, and only a False is certain."""
        ...

    def of_count(self, run_id: int, frame_index: int, query: str) -> tuple[EvidenceImage, ...]:
        """Return the images of one count: a query in a frame of a run, best object first."""
        ...

    def series(self) -> tuple[tuple[str, str], ...]:
        """Return camera and query of everything that has images."""
        ...

    def path_of(self, image: EvidenceImage) -> Path:
        """Return the JPEG file of an image that was found; it may have been removed since."""
        ...

    def status(self) -> EvidenceStatus:
        """Return the number of images written, dropped and removed so far."""
        ...

    def erase(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> int:
        """Remove the images of one query at one camera in `[start_at, end_at)`; their number.

        Raises:
            OutputError: If one cannot be removed.
        """
        ...

    def rename_camera(self, camera: str, name: str) -> None:
        """Keep the images of a camera under another name.

        Raises:
            OutputError: If they cannot be moved.
        """
        ...

    def make_room(self, size: int) -> int:
        """Remove the oldest images until about `size` bytes are freed; return their number."""
        ...

    def flush(self, timeout_s: float) -> bool:
        """Wait until what was handed over is written; return whether it was in time."""
        ...

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its threads."""
        ...

    def close(self) -> None:
        """Write what was handed over. Calling it twice is harmless."""
        ...
