"""SqlTaughtNames: names taught by example, every version of them."""

import hashlib
from dataclasses import asdict
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.orm import Session

from ovd.domain.names import name_key, normalise_name
from ovd.domain.teaching.regions import RegionVector
from ovd.domain.teaching.taught_names import (
    ExampleKind,
    TaughtExample,
    TaughtName,
    TeachingEstimate,
)
from ovd.errors import CameraError
from ovd.store.database import Database
from ovd.store.schema.tables import CameraRow
from ovd.store.schema.taught_tables import TaughtExampleRow, TaughtNameExampleRow, TaughtNameRow

_HALF = np.dtype("<f2")
_SINGLE = np.dtype("<f4")
# Values of a vector's row behind the vector: the bias and the offsets of four corners.
_BEHIND = 5


class SqlTaughtNames:
    """Implements `ovd.domain.teaching.taught_names.TaughtNames`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, taught: TaughtName) -> TaughtName:
        """Keep a name as its next version; see the port.

        Raises:
            CameraError: If its camera does not exist.
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> TaughtName:
            now = self._database.now()
            with Session(connection) as session:
                camera_id = _camera_id(session, taught.camera)
                key = name_key(taught.name)
                newest = session.scalar(
                    select(func.max(TaughtNameRow.version)).where(TaughtNameRow.key == key)
                )
                _remove(session, taught.name, camera_id, now)
                kept = taught.kept_as((newest or 0) + 1, now)
                session.add(row := _row_of(kept, camera_id))
                session.flush()
                for position, example in enumerate(kept.examples):
                    example_id = _keep_example(session, example)
                    session.add(
                        TaughtNameExampleRow(
                            taught_name_id=row.id, position=position, taught_example_id=example_id
                        )
                    )
                session.flush()
                return kept

        return self._database.change(add)

    def all(self) -> tuple[TaughtName, ...]:
        """Return the names in use, with their examples; see the port.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            rows = session.execute(_selection().where(TaughtNameRow.removed_at.is_(None))).all()
            return tuple(_taught_of(row, camera, _examples(session, row)) for row, camera in rows)

    def versions(self) -> tuple[TaughtName, ...]:
        """Return every version without examples; see the port.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_taught_of(row, camera) for row, camera in session.execute(_selection()))

    def remove(self, name: str, camera: str = "") -> bool:
        """Stop using a name; see the port.

        Raises:
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> bool:
            with Session(connection) as session:
                try:
                    camera_id = _camera_id(session, camera)
                except CameraError:
                    return False
                return _remove(session, name, camera_id, self._database.now())

        return self._database.change(remove)


def _selection() -> Select[TaughtNameRow, str]:
    return (
        select(TaughtNameRow, CameraRow.name)
        .outerjoin(CameraRow, CameraRow.id == TaughtNameRow.camera_id)
        .order_by(TaughtNameRow.key, TaughtNameRow.camera_id, TaughtNameRow.version)
    )


def _camera_id(session: Session, camera: str) -> int | None:
    if not camera:
        return None
    found = session.scalar(select(CameraRow.id).where(CameraRow.name == normalise_name(camera)))
    if found is None:
        raise CameraError(f"no camera {camera!r}; see: ovd cameras list")
    return found


def _remove(session: Session, name: str, camera_id: int | None, now: datetime) -> bool:
    statement = update(TaughtNameRow).where(
        TaughtNameRow.key == name_key(name),
        TaughtNameRow.camera_id.is_not_distinct_from(camera_id),
        TaughtNameRow.removed_at.is_(None),
    )
    return session.connection().execute(statement.values(removed_at=now)).rowcount > 0


def _row_of(taught: TaughtName, camera_id: int | None) -> TaughtNameRow:
    learned = [np.append(item.vector, (item.bias, *item.box_offset)) for item in taught.vectors]
    return TaughtNameRow(
        name=taught.name,
        key=name_key(taught.name),
        camera_id=camera_id,
        version=taught.version,
        detector=taught.detector_id,
        dimensions=len(taught.vectors[0].vector),
        learned=np.stack(learned).astype(_SINGLE).tobytes(),
        estimate=asdict(taught.estimate),
        created_at=taught.created_at,
    )


def _taught_of(
    row: TaughtNameRow, camera: str | None, examples: tuple[TaughtExample, ...] = ()
) -> TaughtName:
    rows = _array(row.learned, _SINGLE, row.dimensions + _BEHIND)
    vectors = tuple(
        RegionVector(np.array(values[:-_BEHIND]), float(bias), (x0, y0, x1, y1))
        for values in rows
        for bias, x0, y0, x1, y1 in (values[-_BEHIND:].tolist(),)
    )
    return TaughtName(
        row.name,
        row.detector,
        vectors,
        TeachingEstimate(**row.estimate),
        examples,
        camera or "",
        row.version,
        row.created_at,
    )


def _keep_example(session: Session, example: TaughtExample) -> int:
    """Return the id of an example, which is written unless an equal one is there."""
    values = {
        "kind": example.kind.value,
        "xyxy": list(map(float, example.xyxy)),
        "height": example.image_hw[0],
        "width": example.image_hw[1],
        "source": example.source,
        "image_sha256": example.image_sha256,
        "dimensions": example.region_embeds.shape[1],
        "region_embeds": example.region_embeds.astype(_HALF).tobytes(),
        "region_xyxy": example.region_xyxy.astype(_SINGLE).tobytes(),
        "other_embeds": example.other_embeds.astype(_HALF).tobytes(),
        "crop": example.crop,
    }
    content = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()
    same = select(TaughtExampleRow.id).where(TaughtExampleRow.content_sha256 == content)
    known = session.scalar(same)
    if known is not None:
        return known
    session.add(row := TaughtExampleRow(content_sha256=content, **values))
    session.flush()
    return row.id


def _examples(session: Session, row: TaughtNameRow) -> tuple[TaughtExample, ...]:
    statement = (
        select(TaughtExampleRow)
        .join(TaughtNameExampleRow, TaughtNameExampleRow.taught_example_id == TaughtExampleRow.id)
        .where(TaughtNameExampleRow.taught_name_id == row.id)
        .order_by(TaughtNameExampleRow.position)
    )
    return tuple(_example_of(found) for found in session.scalars(statement))


def _example_of(row: TaughtExampleRow) -> TaughtExample:
    x0, y0, x1, y1 = row.xyxy
    return TaughtExample(
        ExampleKind(row.kind),
        (x0, y0, x1, y1),
        (row.height, row.width),
        row.source,
        row.image_sha256,
        _array(row.region_embeds, _HALF, row.dimensions),
        _array(row.region_xyxy, _SINGLE, 4),
        _array(row.other_embeds, _HALF, row.dimensions),
        row.crop,
    )


def _array(stored: bytes, kind: "np.dtype[np.floating]", width: int) -> NDArray[np.floating]:
    return np.frombuffer(stored, dtype=kind).reshape(-1, width)
