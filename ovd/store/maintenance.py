"""What is done to a whole database: summing rollups anew."""

from sqlalchemy import Engine, exists, or_, select, true

from ovd.store import rollups
from ovd.store.reading import read_kept_from
from ovd.store.tables import CameraRow, FrameCountRow, QueryRow, RollupRow, TrackRow
from ovd.store.transactions import read_transaction, write_transaction


def rebuild_rollups(engine: Engine) -> int:
    """Sum all rollups anew from counts and tracks.

    One transaction per camera and query, so that a process that counts meanwhile waits little.

    Returns:
        How many pairs of camera and query were summed.

    Raises:
        StoreError: If the database cannot be read or written; each pair is old or new.
    """
    found = [
        exists().where(table.camera_id == CameraRow.id, table.query_id == QueryRow.id)
        for table in (FrameCountRow, TrackRow, RollupRow)
    ]
    pairs = select(CameraRow.id, QueryRow.id).join_from(CameraRow, QueryRow, true())
    with read_transaction(engine) as connection:
        todo = connection.execute(pairs.where(or_(*found))).all()
        kept_from = max(
            (
                moment
                for table in (FrameCountRow, TrackRow)
                if (moment := read_kept_from(connection, table.__tablename__)) is not None
            ),
            default=None,
        )
    for camera_id, query_id in todo:
        with write_transaction(engine) as connection:
            rollups.rebuild(connection, camera_id, query_id, kept_from)
    return len(todo)
