from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import StatementError

from ovd.errors import StoreWriteError
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import read_transaction, write_transaction
from ovd.store.schema.tables import CameraRow, FrameCountRow, QueryRow, RunRow
from tests.builders import START
from tests.store.databases import make_empty, make_url, query_file


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(make_url(make_empty(tmp_path / "ovd.db")))
    yield engine
    engine.dispose()


CAMERA = {"id": 1, "name": "gate", "uri": "clip.mp4", "created_at": START, "enabled": True}
QUERY = {
    "id": 1,
    "text": "사람",
    "read_as": "person",
    "prompts": ["person", "사람"],
    "excluded": [],
    "min_score": 0.35,
    "created_at": START,
}
RUN = {
    "id": 1,
    "camera_id": 1,
    "detector": "fake",
    "weights_sha256": "0" * 64,
    "started_at": START,
    "ended_at": None,
    "status": "running",
    "error": "",
    "runtime": "",
    "precision": "",
    "owner_host": "here",
    "owner_pid": 1,
    "alive_at": START,
}
COUNT = {
    "run_id": 1,
    "camera_id": 1,
    "query_id": 1,
    "frame_index": 0,
    "captured_at": START,
    "observed_s": 0.1,
    "count": 2,
    "max_score": 0.9,
}


def add_all(engine: Engine, **changes: object) -> None:
    """Insert a camera, query, run and one count with some columns changed."""
    with write_transaction(engine) as connection:
        connection.execute(insert(CameraRow), CAMERA)
        connection.execute(insert(QueryRow), QUERY)
        connection.execute(insert(RunRow), RUN)
        connection.execute(insert(FrameCountRow), COUNT | changes)


def test_times_come_back_aware_in_utc(engine: Engine):
    seoul = timezone(timedelta(hours=9))
    add_all(engine, captured_at=datetime(2026, 3, 1, 21, 0, 0, 5, tzinfo=seoul))

    with read_transaction(engine) as connection:
        captured_at = connection.scalar(select(FrameCountRow.captured_at))

    assert captured_at == datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
    assert captured_at.tzinfo is UTC


def test_naive_times_are_refused(engine: Engine):
    with pytest.raises(StatementError, match="timezone-aware"):
        add_all(engine, captured_at=datetime(2026, 3, 1))


def test_times_are_readable_in_the_file(engine: Engine, tmp_path: Path):
    add_all(engine)

    rows = query_file(tmp_path / "ovd.db", "SELECT captured_at FROM frame_counts")

    assert rows == [("2026-03-01 12:00:00.000000",)]


def test_korean_text_is_readable_in_the_file(engine: Engine, tmp_path: Path):
    add_all(engine)

    rows = query_file(tmp_path / "ovd.db", "SELECT text, prompts FROM queries")

    assert rows == [("사람", '["person", "사람"]')]


@pytest.mark.parametrize(
    "changes",
    [
        {"run_id": 2},
        {"camera_id": 2},
        {"query_id": 2},
        {"count": -1},
        {"observed_s": -0.1},
        {"max_score": 1.1},
        {"captured_at": None},
    ],
)
def test_counts_that_cannot_be_are_refused_whole(engine: Engine, changes: dict[str, object]):
    with pytest.raises(StoreWriteError):
        add_all(engine, **changes)

    with read_transaction(engine) as connection:
        assert connection.execute(select(CameraRow)).all() == []


def test_a_frame_has_one_count_per_query_and_run(engine: Engine):
    add_all(engine)

    with pytest.raises(StoreWriteError, match="UNIQUE"), write_transaction(engine) as connection:
        connection.execute(insert(FrameCountRow), COUNT | {"count": 5})


@pytest.mark.parametrize("table", [CameraRow, QueryRow, RunRow])
def test_what_counts_refer_to_cannot_be_deleted(engine: Engine, table: type[CameraRow]):
    add_all(engine)

    with (
        pytest.raises(StoreWriteError, match="FOREIGN KEY"),
        write_transaction(engine) as connection,
    ):
        connection.execute(delete(table))

    with read_transaction(engine) as connection:
        assert len(connection.execute(select(FrameCountRow)).all()) == 1


def test_camera_names_are_unique(engine: Engine):
    add_all(engine)

    with pytest.raises(StoreWriteError, match="UNIQUE"), write_transaction(engine) as connection:
        connection.execute(insert(CameraRow), CAMERA | {"id": 2})


def test_totals_read_an_index_alone_and_a_run_has_its_own(engine: Engine, tmp_path: Path):
    add_all(engine)
    totals = "SELECT sum(observed_s), sum(count) FROM frame_counts WHERE query_id = 1 AND "

    (by_time,) = query_file(
        tmp_path / "ovd.db", f"EXPLAIN QUERY PLAN {totals} camera_id = 1 AND captured_at > ''"
    )
    (by_run,) = query_file(tmp_path / "ovd.db", f"EXPLAIN QUERY PLAN {totals} run_id = 1")

    assert "USING COVERING INDEX ix_frame_counts_totals" in by_time[3]
    assert "(run_id=? AND query_id=?)" in by_run[3]
