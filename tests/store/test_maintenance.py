from datetime import timedelta

import pytest

from ovd.errors import StoreOpenError
from ovd.store.maintenance.whole_database import Maintenance
from ovd.store.schema.upgrade import HEAD
from tests.builders import START, make_frame, make_result
from tests.store.databases import open_store


@pytest.fixture
def filled(url: str) -> str:
    """A database with 300 counts of two queries, a second apart."""
    with open_store(url, flush_interval_s=3600) as store:
        run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
        for index in range(300):
            frame = make_frame(index, time_s=index)
            store.counts.add_result(run, make_result(frame, {"person": 1, "car": 0}))
    return url


def test_a_database_is_measured_by_table_and_time(filled: str):
    with Maintenance(filled) as database:
        size = database.measure()

    rows = {table.name: table.rows for table in size.tables}
    assert (rows["cameras"], rows["queries"], rows["frame_counts"]) == (1, 2, 600)
    assert rows["rollups"] == 2 * (5 + 1 + 1)
    assert all(table.size_bytes for table in size.tables if table.rows)
    assert (size.first_at, size.last_at) == (START, START + timedelta(seconds=299))
    assert size.revision == HEAD


def test_an_empty_database_has_no_times(url: str):
    with Maintenance(url) as database:
        size = database.measure()

    assert (size.first_at, size.last_at) == (None, None)


def test_vacuum_keeps_every_count_and_leaves_the_database_usable(filled: str):
    with Maintenance(filled) as database:
        before = database.measure().tables
        database.vacuum()

        assert [t.rows for t in database.measure().tables] == [t.rows for t in before]
        assert database.rebuild_rollups() == 2


def test_a_missing_database_is_not_made(tmp_path):
    with pytest.raises(StoreOpenError, match="there is no database"):
        Maintenance(f"sqlite:///{tmp_path / 'ovd.db'}")

    assert list(tmp_path.iterdir()) == []
