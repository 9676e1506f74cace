"""Programs that tests start: they end with the test, and a stuck one tells where it stands."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
EXIT_S = 60.0
ABORT_S = 20.0


@contextmanager
def run_program(
    command: Sequence[str],
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    stderr: IO[str] | int | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """Start a program whose output is read; it is killed at the latest when the block ends.

    Leaving the context of `subprocess.Popen` itself waits for the end, without a limit.
    """
    told = {"PYTHONFAULTHANDLER": "1"}  # on SIGABRT it prints the stacks of its threads
    process = subprocess.Popen(  # noqa: S603
        command,
        cwd=cwd,
        env=(environment or dict(os.environ)) | told,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(ABORT_S)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def end_program(process: subprocess.Popen[str], by: signal.Signals = signal.SIGINT) -> int:
    """Return the exit code after a signal; one that goes on prints its stacks and is aborted."""
    process.send_signal(by)
    try:
        return process.wait(EXIT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        return process.wait(ABORT_S)


@contextmanager
def run_page(folder: Path) -> Iterator[str]:
    """Serve the page from a data folder and yield its address; nothing may be logged."""
    environment = os.environ | {
        "OVD_DATA_DIR": str(folder),
        "OVD_PORT": "0",
        "OVD_THREADS": "1",
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
    }
    log = folder / "log"
    with (
        log.open("w") as writing,
        run_program([sys.executable, "app.py"], ROOT, environment, writing) as process,
    ):
        assert process.stdout is not None
        ready = re.fullmatch(r"ovd is ready at (http://\S+)\n", process.stdout.readline())
        assert ready, log.read_text()
        yield ready[1]
        assert end_program(process) == 0, log.read_text()
    assert log.read_text() == ""
