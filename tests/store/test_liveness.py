import multiprocessing
import os
import socket
from datetime import timedelta

import pytest

from ovd.store.liveness import DEAD_AFTER, Owner, is_dead, this_process
from tests.builders import START

JUST_NOW = START - timedelta(seconds=1)


def make_dead_pid() -> int:
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    process.join()
    assert process.pid is not None
    return process.pid


def test_a_process_of_this_machine_that_is_gone_is_dead_at_once():
    assert is_dead(Owner(socket.gethostname(), make_dead_pid()), JUST_NOW, START)


def test_this_process_and_its_living_neighbours_are_alive():
    assert not is_dead(this_process(), JUST_NOW, START)
    assert not is_dead(Owner(socket.gethostname(), os.getppid()), JUST_NOW, START)


def test_a_process_that_may_not_be_signalled_is_alive(monkeypatch: pytest.MonkeyPatch):
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)

    assert not is_dead(Owner(socket.gethostname(), 1), JUST_NOW, START)


@pytest.mark.parametrize("owner", [Owner("elsewhere", 1), this_process()])
def test_a_heartbeat_that_stopped_long_ago_means_dead(owner: Owner):
    assert not is_dead(owner, START - DEAD_AFTER, START)
    assert is_dead(owner, START - DEAD_AFTER - timedelta(seconds=1), START)
