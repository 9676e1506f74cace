import logging
import threading

import pytest

from ovd.threads import Backoff, SupervisedThread, ThreadState, describe_failure, redact

WAIT_S = 10.0
AT_ONCE = Backoff(first_s=0.0, ceiling_s=0.0)


class Work:
    """Raises the errors it was given, one in each round, then waits for the end."""

    def __init__(self, *errors: BaseException) -> None:
        self._errors = list(errors)
        self.rounds = 0
        self.waiting = threading.Event()

    def __call__(self, stopping: threading.Event) -> None:
        self.rounds += 1
        if self._errors:
            raise self._errors.pop(0)
        self.waiting.set()
        assert stopping.wait(WAIT_S)


def test_work_that_fails_is_run_again_and_the_failure_is_told(caplog: pytest.LogCaptureFixture):
    work = Work(RuntimeError("a bug"), SystemExit(1))
    thread = SupervisedThread("pruning", work, backoff=AT_ONCE)

    with caplog.at_level(logging.ERROR):
        thread.start()
        assert work.waiting.wait(WAIT_S)

    health = thread.health
    assert (health.name, health.state, health.failures) == ("pruning", ThreadState.RUNNING, 2)
    assert health.good
    assert health.last_failure == "SystemExit: 1"
    assert health.failed_at is not None
    assert "RuntimeError: a bug" in caplog.text
    assert "in __call__" in caplog.text
    thread.stop()


def test_health_says_while_a_failed_thread_pauses():
    failed = threading.Event()

    def fail(stopping: threading.Event) -> None:
        failed.set()
        raise ValueError("a bug")

    thread = SupervisedThread("fleet", fail, backoff=Backoff(first_s=3600, ceiling_s=3600))
    thread.start()
    assert failed.wait(WAIT_S)
    while (health := thread.health).state is ThreadState.RUNNING:
        threading.Event().wait(0.001)

    assert (health.state, health.good) == (ThreadState.PAUSED, False)
    assert thread.stop(WAIT_S), "the pause was not ended"


def test_stop_ends_the_thread_for_good():
    work = Work()
    thread = SupervisedThread("fleet", work)
    thread.start()
    assert work.waiting.wait(WAIT_S)

    assert thread.stop(WAIT_S)
    assert thread.stop(WAIT_S)
    thread.start()

    assert work.rounds == 1
    assert (thread.health.state, thread.health.good) == (ThreadState.IDLE, True)


def test_stop_wakes_work_that_waits_for_something_else():
    queued = threading.Semaphore(0)
    thread = SupervisedThread("evidence", lambda _: queued.acquire(), queued.release)
    thread.start()

    assert thread.stop(WAIT_S)


def test_starting_twice_runs_once():
    work = Work()
    thread = SupervisedThread("fleet", work)

    thread.start()
    thread.start()

    assert work.waiting.wait(WAIT_S)
    assert work.rounds == 1
    thread.stop()


def test_work_that_returned_is_run_again_by_start():
    rounds: list[int] = []
    thread = SupervisedThread("fleet", lambda _: rounds.append(1))
    thread.start()
    while thread._thread is not None and thread._thread.is_alive():
        thread._thread.join()
        assert thread.health.state is ThreadState.IDLE

    thread.start()
    thread.stop()

    assert rounds == [1, 1]


def test_thread_that_never_started_stops_at_once():
    assert SupervisedThread("fleet", Work()).stop()


def test_pauses_double_up_to_the_ceiling_and_start_again_after_steady_work():
    backoff = Backoff(first_s=1.0, ceiling_s=5.0, steady_s=60.0)
    pauses = [0.0]
    for _ in range(4):
        pauses.append(backoff.next_pause_s(pauses[-1], lasted_s=3.0))

    assert pauses[1:] == [1.0, 2.0, 4.0, 5.0]
    assert backoff.next_pause_s(5.0, lasted_s=61.0) == 1.0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot open rtsp://me:p@ss/w@10.0.0.1/live", "cannot open rtsp://10.0.0.1/live"),
        ("http://h/a and rtsp://u:p@h/b", "http://h/a and rtsp://h/b"),
        ("no address: me@home", "no address: me@home"),
    ],
)
def test_no_credentials_in_what_is_told(text: str, shown: str):
    assert redact(text) == shown


def test_failure_is_told_on_one_line():
    assert describe_failure(ValueError("two\n  lines")) == "ValueError: two lines"


def test_no_credentials_in_the_log(caplog: pytest.LogCaptureFixture):
    work = Work(OSError("refused: 'rtsp://me:hunter2@10.0.0.1/live'"))
    thread = SupervisedThread("fleet", work, backoff=AT_ONCE)

    thread.start()
    assert work.waiting.wait(WAIT_S)
    thread.stop()

    assert "10.0.0.1" in caplog.text
    assert "hunter2" not in caplog.text + thread.health.last_failure
