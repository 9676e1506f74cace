import threading
from collections.abc import Callable, Sequence

import pytest

from ovd.errors import StoreError, StoreOpenError, StoreWriteError
from ovd.store.writing.batch_writer import BatchWriter
from ovd.threads import ThreadState

WAIT_S = 10.0
NEVER_S = 3600.0


class Disk:
    """Takes rows, unless told to fail or refuse."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.failing = False
        self.bad: set[int] = set()
        self.tried = threading.Semaphore(0)
        self.before: Callable[[], None] = lambda: None

    @property
    def rows(self) -> list[int]:
        return [row for batch in self.batches for row in batch]

    def write(self, rows: Sequence[int]) -> StoreError | None:
        self.before()
        try:
            if self.failing:
                raise StoreWriteError("the disk is full")
            self.batches.append([row for row in rows if row not in self.bad])
            refused = self.bad & set(rows)
            return StoreWriteError(f"refused {sorted(refused)}") if refused else None
        finally:
            self.tried.release()

    def await_try(self) -> None:
        assert self.tried.acquire(timeout=WAIT_S)


def make_writer(
    disk: Disk, interval_s: float = NEVER_S, max_rows: int = 100, beat_s: float = NEVER_S
) -> BatchWriter[int]:
    return BatchWriter(disk.write, interval_s, max_rows, beat_s)


def fail_once(writer: BatchWriter[int], disk: Disk) -> None:
    """Leave the writer with rows that it could not write and has not reported."""
    disk.failing = True
    writer.put([1, 2])
    disk.await_try()


def test_rows_wait_for_their_batch():
    disk = Disk()
    writer = make_writer(disk)

    writer.put([1])
    writer.put([2, 3])
    writer.call(lambda: None)
    writer.close()

    assert disk.batches[0] == [1, 2, 3]


def test_rows_are_written_after_the_interval_without_being_asked_for():
    disk = Disk()
    writer = make_writer(disk, interval_s=0.01)

    writer.put([1])
    disk.await_try()

    assert disk.rows == [1]
    writer.close()


def test_an_idle_writer_shows_signs_of_life():
    disk = Disk()
    writer = make_writer(disk, beat_s=0.01)
    writer.call(lambda: None)

    disk.await_try()
    disk.await_try()

    assert disk.rows == []
    writer.close()


def test_half_a_queue_is_written_at_once():
    disk = Disk()
    writer = make_writer(disk, max_rows=10)

    writer.put([1, 2, 3, 4, 5, 6])
    disk.await_try()

    assert disk.rows == [1, 2, 3, 4, 5, 6]
    writer.close()


def test_a_full_queue_blocks_and_drops_nothing():
    disk = Disk()
    writer = make_writer(disk, max_rows=8)
    lengths: list[int] = []
    disk.before = lambda: lengths.append(writer.queued)
    producers = [
        threading.Thread(
            target=lambda first=first: [writer.put([first + i, -first - i]) for i in range(200)]
        )
        for first in (1000, 2000, 3000)
    ]

    for producer in producers:
        producer.start()
    for producer in producers:
        producer.join(WAIT_S)
    writer.close()

    assert max(lengths) <= 8
    assert sorted(row for row in disk.rows if row > 0) == [
        first + i for first in (1000, 2000, 3000) for i in range(200)
    ]
    assert all(a == -b for a, b in zip(disk.rows[::2], disk.rows[1::2], strict=True))


def test_more_rows_than_the_queue_holds_go_in_when_it_is_empty():
    disk = Disk()
    writer = make_writer(disk, max_rows=2)

    writer.put([1, 2, 3])
    writer.close()

    assert disk.rows == [1, 2, 3]


def test_a_call_runs_after_the_rows_before_it_and_returns_its_result():
    disk = Disk()
    writer = make_writer(disk)
    writer.put([1])

    assert writer.call(lambda: list(disk.rows)) == [1]
    writer.close()


def test_a_call_passes_on_what_it_raises_and_the_writer_lives_on():
    def refuse() -> None:
        raise StoreWriteError("refused by the test")

    disk = Disk()
    writer = make_writer(disk)

    with pytest.raises(StoreWriteError, match="refused by the test"):
        writer.call(refuse)
    writer.put([1])
    writer.close()

    assert disk.rows == [1]


def test_a_failure_reaches_the_next_producer_once():
    disk = Disk()
    writer = make_writer(disk, interval_s=0.01)
    fail_once(writer, disk)
    disk.await_try()

    with pytest.raises(StoreWriteError, match="the disk is full; 2 rows wait to be written"):
        writer.put([3])
    writer.put([4])

    disk.failing = False
    writer.call(lambda: None)
    assert disk.rows == [1, 2, 4]
    writer.close()


def test_a_failure_that_passes_is_not_reported():
    disk = Disk()
    writer = make_writer(disk, interval_s=0.01)
    fail_once(writer, disk)

    disk.failing = False
    writer.call(lambda: None)
    writer.put([3])
    writer.close()

    assert disk.rows == [1, 2, 3]


def test_a_full_queue_on_a_failing_disk_raises_instead_of_waiting_forever():
    disk = Disk()
    disk.failing = True
    writer = make_writer(disk, interval_s=0.01, max_rows=4)
    writer.put([1, 2, 3, 4])

    with pytest.raises(StoreWriteError, match="4 rows wait"):
        writer.put([5])
    with pytest.raises(StoreWriteError, match="4 rows wait"):
        writer.put([6])

    disk.failing = False
    writer.close()
    assert disk.rows == [1, 2, 3, 4]


def test_a_call_on_a_failing_disk_is_not_run_and_says_why():
    disk = Disk()
    writer = make_writer(disk)
    disk.failing = True
    writer.put([1])
    ran: list[bool] = []

    with pytest.raises(StoreWriteError, match="1 rows wait"):
        writer.call(lambda: ran.append(True))
    writer.put([2])

    disk.failing = False
    writer.close()
    assert not ran
    assert disk.rows == [1, 2]


def test_refused_rows_are_reported_once_and_hold_up_no_others():
    disk = Disk()
    disk.bad = {2}
    writer = make_writer(disk)
    writer.put([1, 2, 3])

    with pytest.raises(StoreWriteError, match=r"refused \[2\]"):
        writer.call(lambda: None)
    writer.put([4])
    writer.close()

    assert disk.rows == [1, 3, 4]


def test_a_refusal_outlives_a_later_good_batch():
    disk = Disk()
    disk.bad = {1}
    writer = make_writer(disk, interval_s=0.01)
    writer.put([1])
    disk.await_try()

    with pytest.raises(StoreWriteError, match=r"refused \[1\]"):
        writer.close()


def test_closing_says_how_many_rows_were_lost():
    disk = Disk()
    writer = make_writer(disk)
    writer.put([1, 2])
    disk.failing = True

    with pytest.raises(StoreWriteError, match="the disk is full; 2 rows were lost"):
        writer.close()
    writer.close()


def test_a_closed_writer_takes_no_more():
    writer = make_writer(Disk())
    writer.close()

    with pytest.raises(StoreOpenError, match="was closed"):
        writer.put([1])
    with pytest.raises(StoreOpenError, match="was closed"):
        writer.call(lambda: None)


def test_any_error_of_a_call_reaches_its_caller_and_the_writer_goes_on():
    def fail() -> None:
        raise ZeroDivisionError("a bug")

    disk = Disk()
    writer = make_writer(disk)

    with pytest.raises(ZeroDivisionError, match="a bug"):
        writer.call(fail)
    writer.put([1])
    writer.close()

    assert disk.rows == [1]


class Faulty(BatchWriter[int]):
    """A writer whose thread fails by itself, once."""

    failed = False

    def _wait_s(self) -> float:
        if self._calls and not self.failed:
            self.failed = True
            raise ZeroDivisionError("a bug")
        return super()._wait_s()


def test_a_failure_of_the_thread_is_told_to_callers_and_seen_and_the_thread_starts_again():
    disk = Disk()
    writer = Faulty(disk.write, NEVER_S, 100, NEVER_S)
    writer.put([1, 2])

    with pytest.raises(StoreWriteError, match="ZeroDivisionError: a bug"):
        writer.call(lambda: None)
    writer.call(lambda: None)  # waits until it was started again

    assert (writer.health.state, writer.health.failures) == (ThreadState.RUNNING, 1)
    assert writer.health.last_failure == "ZeroDivisionError: a bug"
    assert disk.rows == [1, 2]
    writer.close()


def test_closing_while_the_thread_is_about_to_start_again_writes_the_queue():
    disk = Disk()
    writer = Faulty(disk.write, NEVER_S, 100, NEVER_S)
    writer.put([1, 2])
    with pytest.raises(StoreWriteError):
        writer.call(lambda: None)

    writer.close()

    assert disk.rows == [1, 2]


def test_an_unexpected_error_while_writing_is_told_with_its_cause_and_loses_nothing():
    def fail() -> None:
        raise KeyError("a bug")

    disk = Disk()
    disk.before = fail
    writer = make_writer(disk)
    writer.put([1])

    with pytest.raises(StoreWriteError, match="KeyError: 'a bug'; 1 rows wait"):
        writer.call(lambda: None)
    disk.before = lambda: None
    writer.close()

    assert disk.rows == [1]
