"""ErasingService: erases what was counted in a period, and what shows it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ovd.domain.access import Identity, Role
from ovd.domain.ports import Clock, CountStore, EvidenceArchive
from ovd.domain.records import Erased, Erasure
from ovd.errors import InputError
from ovd.services.access.audit import AuditLog

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class EraseRequest:
    """A request to erase; at least one part is wanted.

    Attributes:
        cameras: Names of cameras; empty takes all.
        queries: Texts of queries, as typed or as read; empty takes all.
        start_at: First moment, aware; None from the beginning.
        end_at: Moment after the last, aware; None until now.
    """

    cameras: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True)
class EraseOutcome:
    """The outcome of erasing.

    Attributes:
        rows: Rows of the database that went.
        images: Images that went.
    """

    rows: Erased
    images: int


class ErasingService:
    """Erases counts, tracks, zone events and images; each time is written to the audit log."""

    def __init__(
        self, store: CountStore, evidence: EvidenceArchive, audit: AuditLog, clock: Clock
    ) -> None:
        """Work on a database and its images.

        Args:
            store: The database.
            evidence: The images.
            audit: Told before anything goes.
            clock: Ends a period without end.
        """
        self._store = store
        self._evidence = evidence
        self._audit = audit
        self._clock = clock

    def erase(self, who: Identity, request: EraseRequest) -> EraseOutcome:
        """Erase a period.

        Raises:
            ForbiddenError: If the identity is no admin.
            InputError: If nothing says what is to go, or the period is empty.
            StoreError: If the database cannot be used.
            OutputError: If an image cannot be removed.
        """
        who.require(Role.ADMIN)
        erasure = self._read(request)
        target = ", ".join(erasure.cameras) or "all cameras"
        queries = ", ".join(erasure.queries) or "all queries"
        since = "the beginning" if erasure.start_at is None else erasure.start_at.isoformat()
        detail = f"{queries}; from {since} to {erasure.end_at.isoformat()}"
        self._audit.note(who, "counts.erase", target, detail)
        rows = self._store.erase(erasure)
        return EraseOutcome(rows, erase_images(self._evidence, erasure, rows))

    def _read(self, request: EraseRequest) -> Erasure:
        wanted = (request.cameras, request.queries, request.start_at, request.end_at)
        if not any(wanted):
            raise InputError(
                "nothing says what is to be erased: name a camera, a query, or a period"
            )
        now = self._clock.now()
        end_at = now if request.end_at is None else request.end_at
        if request.start_at is not None and request.start_at >= end_at:
            raise InputError(
                f"the period is empty: it begins at {request.start_at.isoformat()} and ends at "
                f"{end_at.isoformat()}"
            )
        return Erasure(request.cameras, request.queries, request.start_at, end_at, now)


def erase_images(evidence: EvidenceArchive, erasure: Erasure, rows: Erased) -> int:
    """Remove the images of what was erased; returns their number.

    Raises:
        OutputError: If one cannot be removed.
    """
    start_at = _BEGINNING if erasure.start_at is None else erasure.start_at
    known = {(pair.camera, pair.query) for pair in rows.pairs}
    for camera, query in evidence.series():
        by_camera = not erasure.cameras or camera in erasure.cameras
        if by_camera and (not erasure.queries or query in erasure.queries):
            known.add((camera, query))
    return sum(
        evidence.erase(camera, query, start_at, erasure.end_at) for camera, query in sorted(known)
    )
