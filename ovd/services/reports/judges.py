"""The judges that decided about the tracks of a report."""

from collections import defaultdict
from collections.abc import Set

from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection, Run
from ovd.services.reports.buckets import Interval

# Between the detector and the judge, in what a run records.
_BESIDE = "+"


def find_judges(store: CountStore, cameras: Set[str], interval: Interval) -> tuple[str, ...]:
    """Return the judges of the runs that counted some cameras in an interval, as runs record them.

    Args:
        store: The history.
        cameras: Names of the cameras.
        interval: In UTC. A run of a camera counts in its own time, one of footage in that of its
            counts.

    Raises:
        StoreError: If the database cannot be read.
    """
    runs: dict[str, list[Run]] = defaultdict(list)
    for run in store.runs.all():
        judge = run.detector.partition(_BESIDE)[2]
        if judge and run.camera.name in cameras:
            runs[judge].append(run)
    return tuple(judge for judge in sorted(runs) if _counted(store, runs[judge], interval))


def _counted(store: CountStore, runs: list[Run], interval: Interval) -> bool:
    """Return whether any of some runs counted in an interval."""
    if any(run.recording is None and _overlaps(run, interval) for run in runs):
        return True
    selection = CountSelection(
        start_at=interval.start_at,
        end_at=interval.end_at,
        run_ids=tuple(run.id for run in runs),
    )
    return bool(store.counts.extents(selection))


def _overlaps(run: Run, interval: Interval) -> bool:
    ended = run.ended_at is not None and run.ended_at <= interval.start_at
    return run.started_at < interval.end_at and not ended
