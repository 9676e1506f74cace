import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ovd.errors import ServerRunningError
from ovd.store.database import Database, DatabaseOptions
from ovd.store.liveness import Process, is_gone, this_process_in_full
from ovd.store.schema.tables import ServerRow
from ovd.store.servers import SqlServerLock
from tests.builders import START
from tests.fakes import FixedClock
from tests.store.databases import open_store, query_database

NEVER = DatabaseOptions(flush_interval_s=3600.0)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(url: str, clock: FixedClock) -> Iterator[Database]:
    database = Database(url, NEVER, clock.now)
    yield database
    with suppress(ServerRunningError):  # some tests let another server take over
        database.close()


@pytest.fixture
def other(url: str, clock: FixedClock) -> Iterator[Database]:
    with Database(url, NEVER, clock.now) as database:
        yield database


def rename_holder(database: Database, **columns: object) -> None:
    """Make the holder of the lock another process."""
    database.change(lambda to: to.execute(update(ServerRow).values(**columns)).rowcount)


def test_second_server_is_refused_with_one_line(database: Database, other: Database):
    SqlServerLock(database).acquire()

    with pytest.raises(ServerRunningError, match="another ovd serve uses the database") as caught:
        SqlServerLock(other).acquire()

    assert len(str(caught.value).splitlines()) == 1


def test_lock_that_was_given_back_is_free(database: Database, other: Database):
    lock = SqlServerLock(database)
    lock.acquire()
    lock.release()

    SqlServerLock(other).acquire()


def test_store_gives_the_lock_back_when_it_is_closed(url: str):
    with open_store(url) as store:
        store.claim()

    assert query_database(url, "SELECT count(*) FROM servers") == [(0,)]


def test_server_of_this_machine_that_is_gone_loses_the_lock_at_once(
    database: Database, other: Database
):
    SqlServerLock(database).acquire()
    place = this_process_in_full().place
    rename_holder(database, pid=2**22 + 1, node=f"{place}:1")

    SqlServerLock(other).acquire()


def test_process_id_that_was_used_again_is_not_taken_for_the_server(
    database: Database, other: Database
):
    SqlServerLock(database).acquire()
    rename_holder(database, node=f"{this_process_in_full().place}:1")

    SqlServerLock(other).acquire()


def test_server_of_another_machine_keeps_the_lock_until_its_heartbeat_stops(
    database: Database, other: Database, clock: FixedClock
):
    SqlServerLock(database).acquire()
    rename_holder(database, host="elsewhere", node="boot:1:1")

    clock.advance(29)
    with pytest.raises(ServerRunningError, match="on elsewhere"):
        SqlServerLock(other).acquire()
    clock.advance(2)
    SqlServerLock(other).acquire()


def test_server_that_beats_keeps_the_lock(database: Database, other: Database, clock: FixedClock):
    SqlServerLock(database).acquire()
    rename_holder(database, host="elsewhere", node="boot:1:1")
    clock.advance(60)
    database.flush()

    with pytest.raises(ServerRunningError):
        SqlServerLock(other).acquire()


def test_server_that_was_silent_for_long_stops_writing_once_another_took_over(
    database: Database, other: Database, clock: FixedClock
):
    SqlServerLock(database).acquire()
    rename_holder(database, host="elsewhere", node="boot:1:1")
    clock.advance(60)
    SqlServerLock(other).acquire()

    with pytest.raises(ServerRunningError):
        database.flush()


def test_lock_whose_row_was_lost_is_taken_again(database: Database, other: Database):
    SqlServerLock(database).acquire()
    other.change(lambda to: to.exec_driver_sql("DELETE FROM servers").close())

    database.flush()

    with pytest.raises(ServerRunningError):
        SqlServerLock(other).acquire()


def test_server_takes_the_lock_of_one_that_is_gone(
    database: Database, other: Database, clock: FixedClock
):
    SqlServerLock(database).acquire()
    rename_holder(database, host="elsewhere", node="boot:1:1", token="of a copy")
    clock.advance(31)

    database.flush()

    with pytest.raises(ServerRunningError, match=f"process {os.getpid()} "):
        SqlServerLock(other).acquire()


def test_process_of_a_database_that_was_copied_does_not_hold_it_for_ever():
    here = this_process_in_full()

    assert not is_gone(here, START, START + timedelta(minutes=9))
    assert is_gone(here, START, START + timedelta(minutes=11))


def test_holder_without_a_known_place_is_given_up_by_its_heartbeat():
    unknown = Process("elsewhere", 1, "")

    assert not is_gone(unknown, START, START + timedelta(seconds=29))
    assert is_gone(unknown, START, START + timedelta(seconds=31))


def test_counting_beside_a_server_is_allowed(url: str, tmp_path: Path):
    with open_store(url) as server, open_store(url) as counting:
        server.claim()

        counting.runs.start(counting.cameras.record("gate", "clip.mp4"), "fake", "", START)
