"""The newest rows of a camera's report, computed once for all who look at them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ovd.domain.ports import CountRepository
from ovd.domain.records import CountSelection
from ovd.errors import OvdError
from ovd.services.reports.buckets import BUCKETS, floor_edge, load_zone
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.rows import ReportRow

BUCKETS_SHOWN = 8
MOST_ROWS = 40
# A report takes about fifteen statements: one in this many seconds keeps all together below one a
# second, however many different reports are looked at.
REFRESH_S = 20.0
EMPTY_REFRESH_S = 5.0
# Another process may count at the camera too.
UNCHANGED_REFRESH_S = 60.0
# A report that nobody has asked for this long is forgotten.
FORGET_S = 60.0


@dataclass(frozen=True)
class NewestSelection:
    """Which report.

    Attributes:
        camera: Name of the camera.
        bucket: Length of a row, a key of `BUCKETS`.
        tz: IANA name of the zone that rows begin in.
    """

    camera: str
    bucket: str
    tz: str


@dataclass(frozen=True)
class NewestRows:
    """The rows as they were when the database was last read for them.

    Attributes:
        version: Another number after every reading.
        rows: Newest first; empty when nothing was counted.
        error: Why the database could not be read, else empty.
    """

    version: int
    rows: tuple[ReportRow, ...]
    error: str = ""


@dataclass(eq=False)
class _Report:
    """A report that is looked at; guarded by the lock of its owner."""

    asked_s: float
    shown: NewestRows | None = None
    read_s: float = 0.0
    state: object = None
    read_state: object = None
    expired: bool = False


class NewestReports:
    """Reports by selection; reading them is left to one thread, see `refresh`."""

    def __init__(
        self, counts: CountRepository, reports: ReportService, monotonic: Callable[[], float]
    ) -> None:
        """Keep nothing yet.

        Args:
            counts: Says what was counted when.
            reports: Builds reports.
            monotonic: Seconds on a clock that never steps.
        """
        self._counts = counts
        self._reports = reports
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._looked_at: dict[NewestSelection, _Report] = {}
        self._versions = 0
        self._read_s = -REFRESH_S

    def peek(self, selection: NewestSelection, state: object) -> NewestRows | None:
        """Return the rows as last read, and have them read again when that is due.

        Args:
            selection: Which report.
            state: Anything that differs when there is new data, such as a number of frames; the
                report is read again only once a minute while it stays the same.

        Returns:
            The rows, None until they were read for the first time.
        """
        with self._lock:
            report = self._looked_at.setdefault(selection, _Report(self._monotonic()))
            report.asked_s, report.state = self._monotonic(), state
            return report.shown

    def expire(self, camera: str) -> None:
        """Read the reports of a camera again at once, because its counting was changed."""
        with self._lock:
            for selection, report in self._looked_at.items():
                report.expired = report.expired or selection.camera == camera

    def refresh(self) -> bool:
        """Read at most one report that is due from the database; say whether one was read.

        New and expired ones are due at once. The others follow one another every `REFRESH_S`, the
        oldest first, those without a row a little sooner.
        """
        with self._lock:
            now_s = self._monotonic()
            self._forget(now_s)
            selection = self._next_due(now_s)
            if selection is None:
                return False
            report = self._looked_at[selection]
            report.expired, state = False, report.state
        try:
            rows, error = tuple(self._read(selection)), ""
        except OvdError as failure:
            rows, error = (), str(failure)
        with self._lock:
            self._versions += 1
            report.shown = NewestRows(self._versions, rows, error)
            report.read_s = self._monotonic()
            report.read_state = state
            if rows:
                self._read_s = report.read_s
        return True

    def _forget(self, now_s: float) -> None:
        for selection, report in tuple(self._looked_at.items()):
            if now_s - report.asked_s > FORGET_S:
                del self._looked_at[selection]

    def _next_due(self, now_s: float) -> NewestSelection | None:
        by_age = sorted(self._looked_at, key=lambda selection: self._looked_at[selection].read_s)
        for selection in by_age:
            report = self._looked_at[selection]
            if report.shown is None or report.expired:
                return selection
        for selection in by_age:
            report = self._looked_at[selection]
            age_s = now_s - report.read_s
            if report.state == report.read_state and age_s < UNCHANGED_REFRESH_S:
                continue
            is_empty = report.shown is not None and not report.shown.rows
            if is_empty and age_s >= EMPTY_REFRESH_S:
                return selection
            if not is_empty and now_s - self._read_s >= REFRESH_S:
                return selection
        return None

    def _read(self, selection: NewestSelection) -> list[ReportRow]:
        extents = self._counts.extents(CountSelection(cameras=(selection.camera,)))
        if not extents:
            return []
        last_at = max(extent.last_at for extent in extents)
        span = timedelta(seconds=BUCKETS[selection.bucket] * (BUCKETS_SHOWN - 1))
        start_at = floor_edge(last_at - span, selection.bucket, load_zone(selection.tz))
        queries = tuple(extent.query for extent in extents if extent.last_at >= start_at)
        first_at = min(extent.first_at for extent in extents if extent.query in queries)
        request = ReportRequest(
            cameras=(selection.camera,),
            queries=queries,
            start_at=start_at if start_at > first_at else None,
            bucket=selection.bucket,
            tz=selection.tz,
        )
        rows = sorted(self._reports.build(request), key=lambda row: row.query)
        return sorted(rows, key=lambda row: row.bucket_start, reverse=True)[:MOST_ROWS]
