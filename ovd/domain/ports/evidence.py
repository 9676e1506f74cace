"""What keeps images of what was counted."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from ovd.domain.records import EvidenceImage, EvidenceStatus
from ovd.threads import ThreadHealth


class EvidenceSink(Protocol):
    """Takes finished images."""

    def put(self, image: EvidenceImage, jpeg: bytes) -> None:
        """Hand over an image; it is dropped when it cannot be written, never waited for."""
        ...


class EvidenceArchive(EvidenceSink, Protocol):
    """Images of what was counted, as they lie on the disk."""

    def find(
        self, camera: str, query: str, start_at: datetime, end_at: datetime
    ) -> tuple[EvidenceImage, ...]:
        """Images of one query at one camera from `start_at` until before `end_at`, by time."""
        ...

    def may_have(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> bool:
        """Whether it is worth to look with `find`; quick, and sure only when it says no."""
        ...

    def of_count(self, run_id: int, frame_index: int, query: str) -> tuple[EvidenceImage, ...]:
        """Images behind one count: a query in a frame of a run, best object first."""
        ...

    def series(self) -> tuple[tuple[str, str], ...]:
        """Camera and query of everything there are images of."""
        ...

    def path_of(self, image: EvidenceImage) -> Path:
        """The JPEG file of an image that was found; it may have been removed meanwhile."""
        ...

    def status(self) -> EvidenceStatus:
        """What became of the images handed over so far."""
        ...

    def make_room(self, size: int) -> int:
        """Remove the oldest images until about `size` bytes are freed; says how many were."""
        ...

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """How its threads stand."""
        ...

    def close(self) -> None:
        """Write what was handed over. Calling it twice is harmless."""
        ...
