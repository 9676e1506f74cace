"""Statement that reads counts frame by frame."""

from sqlalchemy import Connection, select

from ovd.domain.names import name_key
from ovd.domain.records import CountedFrame, CountSelection
from ovd.store.schema.tables import CameraRow, FrameCountRow, QueryRow
from ovd.store.statements.reading import in_range


def read_frames(
    connection: Connection, selection: CountSelection, limit: int
) -> tuple[CountedFrame, ...]:
    """Return the newest counts per frame of a selection; see `CountRepository.frames`."""
    statement = (
        select(
            FrameCountRow.camera_id,
            FrameCountRow.captured_at,
            FrameCountRow.observed_s,
            FrameCountRow.count,
            (FrameCountRow.pending + FrameCountRow.unknown).label("unjudged"),
        )
        .where(*in_range(selection))
        .order_by(FrameCountRow.captured_at.desc())
        .limit(limit)
    )
    named = connection.execute(select(CameraRow.id, CameraRow.name))
    cameras = {row.id: row.name for row in named}
    if selection.cameras:
        chosen = [key for key, name in cameras.items() if name in selection.cameras]
        statement = statement.where(FrameCountRow.camera_id.in_(chosen))
    if selection.queries:
        ids = _find_queries(connection, selection.queries)
        statement = statement.where(FrameCountRow.query_id.in_(ids))
    frames = [CountedFrame(cameras[row[0]], *row[1:]) for row in connection.execute(statement)]
    return tuple(sorted(frames, key=lambda frame: (frame.camera, frame.at)))


def _find_queries(connection: Connection, wanted: tuple[str, ...]) -> list[int]:
    """Return the keys of queries of these texts; where there is none, of these readings."""
    keys = {name_key(text) for text in wanted}
    rows = connection.execute(select(QueryRow.id, QueryRow.text, QueryRow.read_as)).all()
    typed = [key for key, text, _ in rows if name_key(text) in keys]
    return typed or [key for key, _, reading in rows if name_key(reading) in keys]
