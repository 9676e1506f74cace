"""What only a server does: refuse, go away and come back, be shared."""

import multiprocessing
import subprocess
import sys

import psycopg
import pytest

from ovd.domain.records import CountSelection
from ovd.errors import StoreOpenError, StoreWriteError
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import read_transaction, write_transaction
from tests.builders import START, make_frame, make_result
from tests.postgres_server import PASSWORD, PostgresServer, free_port
from tests.store.databases import open_store, open_together

ALL = CountSelection()


def refuse(url: str, must_exist: bool = False) -> str:
    with pytest.raises(StoreOpenError) as caught:
        open_engine(url, must_exist)
    return str(caught.value)


def test_a_wrong_password_is_reported_without_it(postgres: PostgresServer):
    message = refuse(postgres.url("postgres", "hunter2"))

    assert "check that it runs, the address, database, user and password" in message
    assert "authentication failed" in message
    assert "hunter2" not in message


def test_a_server_that_is_not_there_is_reported_without_the_password():
    message = refuse(f"postgresql://ann:hunter2@127.0.0.1:{free_port()}/ovd")

    assert "cannot be reached" in message
    assert "hunter2" not in message


def test_an_unknown_database_or_option_is_reported_without_the_password(postgres: PostgresServer):
    assert "nowhere" in refuse(postgres.url("nowhere"))
    message = refuse(postgres.url("postgres") + "?nonsense=hunter2")

    assert PASSWORD not in message
    assert "hunter2" not in message


def test_a_database_to_report_from_must_hold_counts(postgres: PostgresServer):
    url = postgres.create("empty")

    assert "holds no counts yet" in refuse(url, must_exist=True)

    with psycopg.connect(url) as connection:
        assert (
            connection.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'").rowcount == 0
        )


def test_a_database_of_another_program_is_refused_unchanged(postgres: PostgresServer):
    url = postgres.create("notes")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE notes (body TEXT)")

    assert "belongs to another program (it has the tables notes)" in refuse(url)


def test_processes_that_open_a_new_database_at_once_agree(postgres: PostgresServer):
    url = postgres.create("together")
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    processes = [spawn.Process(target=open_together, args=(url, barrier)) for _ in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]


def test_counts_survive_a_restart_of_the_server(postgres: PostgresServer):
    with open_store(postgres.create("restarted"), flush_interval_s=3600) as store:
        run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
        store.counts.add_result(run, make_result(make_frame(0), {"person": 1}))
        store.flush()
        store.counts.add_result(run, make_result(make_frame(1), {"person": 1}))

        postgres.restart()
        store.flush()

        assert [total.samples for total in store.counts.totals(ALL, 60)] == [2]


def test_a_second_writer_waits_and_then_gives_up(postgres_url: str):
    first, second = open_engine(postgres_url), open_engine(postgres_url, busy_timeout_s=0.01)

    with (
        write_transaction(first),
        pytest.raises(StoreWriteError, match="another program keeps it locked"),
        write_transaction(second),
    ):
        pass
    with read_transaction(second):
        pass

    first.dispose()
    second.dispose()


def test_without_the_driver_the_way_to_get_it_is_named():
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from ovd.errors import StoreOpenError\n"
        "from ovd.store.connection.engine import open_engine\n"
        "try: open_engine('postgresql://ann:hunter2@127.0.0.1/ovd')\n"
        "except StoreOpenError as error: print(error)"
    )

    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603

    assert "pip install 'ovd[postgres]'" in shown.stdout
    assert "hunter2" not in shown.stdout
