from dataclasses import replace

import pytest

from ovd.errors import StoreWriteError
from ovd.store.database import Database, DatabaseOptions
from ovd.store.statements import writing
from ovd.store.writing.queued_rows import GapEntry
from tests.builders import START, make_run
from tests.store.databases import query_database

NEVER = DatabaseOptions(flush_interval_s=3600.0)
GAP = GapEntry(1, 1, START, START, "away")


@pytest.fixture
def database(url: str):
    with Database(url, NEVER) as database:
        database.change(_make_run)
        yield database


def _make_run(connection):
    connection.exec_driver_sql(
        "INSERT INTO cameras (id, name, uri, created_at, enabled) "
        "VALUES (1, 'gate', 'x', '2026-03-01 12:00:00', TRUE)"
    )
    assert writing.insert_run(connection, make_run(), START) == 1


def read_reasons(url: str) -> list[str]:
    return [reason for (reason,) in query_database(url, "SELECT reason FROM gaps ORDER BY id")]


def test_a_change_that_meets_a_bug_is_rolled_back_and_told_to_its_caller(database, url):
    def change(connection):
        connection.exec_driver_sql("DELETE FROM runs")
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        database.change(change)

    database.put([GAP])
    database.flush()
    assert query_database(url, "SELECT count(*) FROM runs") == [(1,)]
    assert read_reasons(url) == ["away"]


def test_a_row_that_a_bug_keeps_from_being_written_is_told_and_holds_up_no_other(database, url):
    naive = replace(GAP, started_at=START.replace(tzinfo=None))
    database.put([GAP, naive, replace(GAP, reason="back")])

    with pytest.raises(StoreWriteError, match=r"1 of 3 rows could not be written .*aware"):
        database.flush()

    assert read_reasons(url) == ["away", "back"]
    assert database.failure is None


def test_closing_twice_is_harmless(url):
    database = Database(url)
    database.close()
    database.close()
