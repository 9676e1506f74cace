"""The whole server is killed at random moments: what it logged arrives, in order."""

import os
import random
import signal
import sqlite3
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from tests.http_receiver import HttpReceiver
from tests.processes import ROOT, end_program, run_program
from tests.rtsp_server import RtspServerProcess

CLIP = ROOT / "samples" / "pedestrians.mp4"
SEED = 20260302
# A claim of a killed server ends after 90 s; then its message is sent again.
LONGEST_END_S = 240
LOG = "SELECT idempotency_key FROM alert_log ORDER BY id"
WAITING = "SELECT count(*) FROM alert_outbox WHERE status = 'waiting'"
RULE = """
[[alerts]]
name = "above {count} for {hold} s"
when = "above"
query = "person"
count = {count}
for_s = {hold}
to = ["hook"]
"""


class KilledServer:
    """`ovd serve` over one data folder, started and killed again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "OVD_DATA_DIR": str(folder),
            "OVD_PORT": "0",
            "OVD_THREADS": "1",
            "GRADIO_TEMP_DIR": str(folder / "gradio"),
        }

    def prepare(self, camera: str, hook: str) -> None:
        """Add a camera, a target, and rules that begin and end often."""
        rules = self.folder / "rules.toml"
        rules.write_text(
            "".join(RULE.format(count=count, hold=hold) for count in range(9) for hold in (0, 1))
        )
        self._run("queries", "add", "person")
        self._run("cameras", "add", "gate", camera)
        self._run("targets", "add", "hook", hook)
        self._run("alerts", "add", str(rules))

    def serve(self, seconds: float) -> None:
        """Serve for a while, and be killed."""
        with self._started() as process:
            threading.Event().wait(seconds)
            end_program(process, signal.SIGKILL)

    def finish(self) -> None:
        """Serve until all messages of the killed ones have been sent, and end in order."""
        with self._started() as process:
            waits = threading.Event()
            newest = self._newest()
            for _ in range(LONGEST_END_S):
                waits.wait(1.0)
                if not self._read(f"{WAITING} AND id <= {newest}")[0]:
                    break
            assert end_program(process) == 0

    def _newest(self) -> int:
        return int(self._read("SELECT coalesce(max(id), 0) FROM alert_outbox")[0])

    def logged(self) -> list[str]:
        return self._read(LOG)

    def unsent(self) -> set[str]:
        """Keys of messages that the last server logged when it ended, and did not send."""
        statement = "SELECT idempotency_key FROM alert_outbox WHERE status = 'waiting'"
        return set(self._read(statement))

    def _read(self, statement: str) -> list[str]:
        with closing(sqlite3.connect(self.folder / "ovd.db", timeout=30)) as connection:
            return [str(row[0]) for row in connection.execute(statement)]

    def _run(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "ovd", *arguments]
        with run_program(command, ROOT, self.environment) as process:
            assert process.wait(120) == 0, arguments

    @contextmanager
    def _started(self) -> Iterator[Popen[str]]:
        with run_program([sys.executable, "app.py"], ROOT, self.environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ovd is ready at ")
            yield process


def check_alerts(logged: Sequence[str]) -> int:
    """Return how many alerts were logged: each begins once, ends at most once, numbered on."""
    numbers: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key in logged:
        alert, kind, number = key.split("/")
        numbers[alert].append((int(number), kind))
    for messages in numbers.values():
        kinds = [kind for _, kind in messages]
        assert [number for number, _ in messages] == list(range(1, len(messages) + 1)), messages
        assert (kinds[0], kinds.count("new"), kinds.count("end") <= 1) == ("new", 1, True)
        assert "end" not in kinds[:-1], messages
    return len(numbers)


def check_order(received: Sequence[str]) -> None:
    """Check that no message of an alert comes after a later one of it."""
    newest: dict[str, int] = {}
    for key in received:
        alert, _, number = key.split("/")
        assert newest.get(alert, 0) <= int(number), key
        newest[alert] = int(number)


def play(folder: Path, kills: int) -> str:
    """Kill the server so often at random moments, let it finish; return the tally."""
    chance, server = random.Random(SEED), KilledServer(folder)  # noqa: S311
    with RtspServerProcess(CLIP) as camera, HttpReceiver() as receiver:
        server.prepare(camera.url(), receiver.url)
        for _ in range(kills):
            server.serve(chance.uniform(0.5, 8.0))
        server.finish()
        received = [request.headers["idempotency-key"] for request in receiver.received]
    logged, keys = server.logged(), Counter(received)
    alerts = check_alerts(logged)
    check_order(received)
    lost = set(logged) - set(keys) - server.unsent()
    assert not lost, sorted(lost)
    assert not set(keys) - set(logged)
    again = sum(count - 1 for count in keys.values())
    return (
        f"{kills} kills of the whole server: {alerts} alerts, {len(logged)} messages logged, "
        f"0 lost, {again} came again with the same key, no alert began or ended twice, order kept"
    )


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.timeout(7200)
def test_server_survives_fifty_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    tally = play(tmp_path, int(os.environ.get("TEST_KILLS", "50")))

    with capsys.disabled():
        print(f"\n{tally}")  # noqa: T201 -- what the protocol is for
