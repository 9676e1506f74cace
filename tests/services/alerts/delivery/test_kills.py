"""A process that delivers is killed at random moments: nothing is lost, and doubles are known."""

import random
import signal
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.http_receiver import HttpReceiver, Received
from tests.processes import ROOT, end_program, run_program
from tests.store.databases import make_empty, make_url

SEED = 20260301
LONGEST_ROUND_S = 240.0


@dataclass(frozen=True)
class Moment:
    """When a process is killed: after so many requests, and then so many seconds."""

    requests: int
    then_s: float


def run_round(url: str, receiver: HttpReceiver, alerts: int, moment: Moment | None) -> None:
    """Let a process deliver until a moment, then kill it; without one until all has come."""
    program = [sys.executable, "-m", "tests.services.alerts.delivery.deliverer"]
    before = len(receiver.received)
    with run_program([*program, url, receiver.url, str(alerts)], ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with receiver.came:
            if moment is None:
                done = receiver.came.wait_for(
                    lambda: len(keys_of(receiver.received)) == 2 * alerts, LONGEST_ROUND_S
                )
            else:
                wanted = before + moment.requests
                done = receiver.came.wait_for(
                    lambda: len(receiver.received) >= wanted, LONGEST_ROUND_S
                )
        assert done, f"{len(keys_of(receiver.received))} of {2 * alerts} messages came"
        if moment is not None:
            threading.Event().wait(moment.then_s)
        end_program(process, signal.SIGKILL)


def keys_of(received: list[Received]) -> Counter[str]:
    return Counter(request.headers["idempotency-key"] for request in received)


def check_order(received: list[Received]) -> None:
    """No message of an alert comes after a later one of it."""
    newest: dict[str, int] = {}
    for request in received:
        alert, _, number = request.headers["idempotency-key"].split("/")
        assert newest.get(alert, 0) <= int(number)
        newest[alert] = int(number)


def play(folder: Path, alerts: int, kills: int) -> str:
    """Kill the process so often, let the last one finish; return the tally."""
    chance = random.Random(SEED)  # noqa: S311
    url = make_url(make_empty(folder / "ovd.db"))
    with HttpReceiver() as receiver:
        for _ in range(kills):
            # A request was received and not marked yet, or marked and the next one on its way.
            moment = Moment(chance.randint(1, alerts // kills), chance.uniform(0.0, 0.02))
            run_round(url, receiver, alerts, moment)
        delivered_before = len(keys_of(receiver.received))
        run_round(url, receiver, alerts, None)
        received = list(receiver.received)
    keys = keys_of(received)
    expected = {f"a{n}/{kind}" for n in range(alerts) for kind in ("new/1", "end/2")}
    assert set(keys) == expected
    check_order(received)
    again = sum(count - 1 for count in keys.values())
    return (
        f"{alerts} alerts, {len(expected)} messages, {kills} kills: 0 lost, {again} came again "
        f"with the same key, {delivered_before} had come before the last start, order kept"
    )


@pytest.mark.timeout(200)
def test_killed_process_loses_nothing(tmp_path: Path):
    assert "0 lost" in play(tmp_path, alerts=40, kills=3)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_thousand_alerts_survive_fifty_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    tally = play(tmp_path, alerts=1000, kills=50)

    with capsys.disabled():
        print(f"\n{tally}")  # noqa: T201 -- what the protocol is for
