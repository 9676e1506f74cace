"""NewestReports: the newest rows of cameras' reports, computed once for all clients."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ovd.domain.ports import CountRepository
from ovd.domain.records import CountSelection
from ovd.domain.time_zones import load_zone
from ovd.errors import OvdError
from ovd.services.reports.buckets import BUCKETS, floor_edge
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.rows import ReportRow

BUCKETS_SHOWN = 8
MOST_ROWS = 40
# A report takes about fifteen statements: one report per this interval keeps the rate below one
# statement a second, however many different reports are displayed.
REFRESH_S = 20.0
EMPTY_REFRESH_S = 5.0
# Also without new frames here, as another process may count at the camera.
UNCHANGED_REFRESH_S = 60.0
# Reports that no client has requested for this long are dropped.
DROP_AFTER_S = 60.0


@dataclass(frozen=True)
class NewestSelection:
    """The camera, bucket and time zone of a displayed report.

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
    """Rows of a report as of its last refresh.

    Attributes:
        version: Changes with every refresh.
        rows: Newest first; empty when nothing was counted.
        error: Why the database could not be read; empty if it was.
    """

    version: int
    rows: tuple[ReportRow, ...]
    error: str = ""


@dataclass(eq=False)
class _Report:
    """A displayed report and its last refresh; guarded by the lock of `NewestReports`."""

    requested_s: float
    shown: NewestRows | None = None
    refreshed_s: float = 0.0
    state: object = None
    refreshed_state: object = None
    expired: bool = False


class NewestReports:
    """Caches displayed reports by selection; one thread refreshes them, see `refresh`."""

    def __init__(
        self, counts: CountRepository, reports: ReportService, monotonic: Callable[[], float]
    ) -> None:
        """Start without reports.

        Args:
            counts: Gives the periods in which queries were counted.
            reports: Builds the reports.
            monotonic: Returns seconds of a monotonic clock.
        """
        self._counts = counts
        self._reports = reports
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._displayed: dict[NewestSelection, _Report] = {}
        self._versions = 0
        self._refreshed_s = -REFRESH_S

    def peek(self, selection: NewestSelection, state: object) -> NewestRows | None:
        """Return the rows of the last refresh, and request refreshes from now on.

        Args:
            selection: The report.
            state: A value that changes with new data, such as a number of frames; while it stays
                the same, the report is refreshed once a minute only.

        Returns:
            The rows; None before the first refresh.
        """
        with self._lock:
            report = self._displayed.setdefault(selection, _Report(self._monotonic()))
            report.requested_s, report.state = self._monotonic(), state
            return report.shown

    def expire(self, camera: str) -> None:
        """Refresh the reports of a camera at once, because its counting was changed."""
        with self._lock:
            for selection, report in self._displayed.items():
                report.expired = report.expired or selection.camera == camera

    def refresh(self) -> bool:
        """Refresh at most one report that is due; return whether one was.

        New and expired ones are due at once. Of the others one is due every `REFRESH_S`, the
        oldest first; those without rows after `EMPTY_REFRESH_S`.
        """
        with self._lock:
            now_s = self._monotonic()
            self._drop_old(now_s)
            selection = self._next_due(now_s)
            if selection is None:
                return False
            report = self._displayed[selection]
            report.expired, state = False, report.state
        try:
            rows, error = tuple(self._read(selection)), ""
        except OvdError as failure:
            rows, error = (), str(failure)
        with self._lock:
            self._versions += 1
            report.shown = NewestRows(self._versions, rows, error)
            report.refreshed_s = self._monotonic()
            report.refreshed_state = state
            if rows:
                self._refreshed_s = report.refreshed_s
        return True

    def _drop_old(self, now_s: float) -> None:
        for selection, report in tuple(self._displayed.items()):
            if now_s - report.requested_s > DROP_AFTER_S:
                del self._displayed[selection]

    def _next_due(self, now_s: float) -> NewestSelection | None:
        by_age = sorted(
            self._displayed, key=lambda selection: self._displayed[selection].refreshed_s
        )
        for selection in by_age:
            report = self._displayed[selection]
            if report.shown is None or report.expired:
                return selection
        for selection in by_age:
            report = self._displayed[selection]
            age_s = now_s - report.refreshed_s
            if report.state == report.refreshed_state and age_s < UNCHANGED_REFRESH_S:
                continue
            is_empty = report.shown is not None and not report.shown.rows
            if is_empty and age_s >= EMPTY_REFRESH_S:
                return selection
            if not is_empty and now_s - self._refreshed_s >= REFRESH_S:
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
