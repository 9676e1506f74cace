"""Two real servers on one database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import run_program

READY = "ovd is ready at http://"
START_S = 110.0


@contextmanager
def serve(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start `ovd serve` on the database of a folder."""
    environment = os.environ | {
        "OVD_DATA_DIR": str(folder),
        "OVD_PORT": "0",
        "OVD_THREADS": "1",
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
    }
    command = [sys.executable, "-m", "ovd", "serve"]
    with run_program(command, None, environment, subprocess.PIPE) as process:
        yield process


def await_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.timeout(300)
def test_second_server_is_refused_until_the_first_is_killed(tmp_path: Path):
    with serve(tmp_path) as first:
        assert await_line(first).startswith(READY)

        with serve(tmp_path) as second:
            _, refusal = second.communicate(timeout=START_S)
        first.send_signal(signal.SIGKILL)
        first.wait(START_S)
        with serve(tmp_path) as third:
            takes_over = await_line(third).startswith(READY)

    assert second.returncode == 4
    assert refusal.startswith("error[server_running]: ")
    assert refusal.count("\n") == 1
    assert takes_over
