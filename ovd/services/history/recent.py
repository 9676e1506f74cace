"""Recent counts per frame from the database, for charts that outlast a restart."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ovd.domain.ports import HistoryPoint
from ovd.domain.ports.store import CountRepository
from ovd.domain.records import CountSelection
from ovd.errors import StoreError

RECALLED = timedelta(minutes=30)
MOST_FRAMES = 1800


def recall_points(
    counts: CountRepository, camera: str, queries: Sequence[str], until: datetime
) -> tuple[HistoryPoint, ...]:
    """Return what was counted in the half hour before a moment, oldest first.

    Nothing where the database cannot be read: counting goes on without it.

    Args:
        counts: The counts of the database.
        camera: Name of the camera.
        queries: Texts of queries.
        until: Moment after the last, aware.
    """
    found: dict[datetime, tuple[list[tuple[str, int]], list[tuple[str, int]]]] = {}
    try:
        for query in queries:
            selection = CountSelection((camera,), (query,), until - RECALLED, until)
            for frame in counts.frames(selection, MOST_FRAMES):
                seen, unjudged = found.setdefault(frame.at, ([], []))
                seen.append((query, frame.count))
                if frame.unjudged:
                    unjudged.append((query, frame.unjudged))
    except StoreError:
        return ()
    return tuple(
        HistoryPoint(at, tuple(seen), tuple(unjudged))
        for at, (seen, unjudged) in sorted(found.items())
    )
