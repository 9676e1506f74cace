"""How long ovd takes until it answers, and which packages' imports take the time.

    python -m bench.startup [--runs 5] [--imports] [--beside CHECKOUT]

Wall time is what a user waits; processor time (user and system, of the process and its threads)
tells what ovd costs on a machine that is busy with other things. Medians over the runs. Another
checkout is measured in turn with this one, so that both meet the same load.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from bench.installed import ROOT, save_frame
from ovd.web.listener import open_listener

DETECT = ["detect", "frame.jpg", "-q", "person"]
TARGETS_S = {"ovd --help": 0.5, "ovd detect": 2.5, "ovd serve": 5.0}
PAUSE_S = 0.02
GIVE_UP_S = 600.0
_IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| \s*(\S+)")
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class Start:
    """How long one start took, in seconds."""

    wall_s: float
    processor_s: float


@dataclass(frozen=True)
class Checkout:
    """A source tree of ovd, and the folder that it works in.

    Attributes:
        root: The source tree.
        folder: Its working and data folder, with the image to look at.
    """

    root: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its processes."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.root),
            "OVD_DATA_DIR": str(self.folder),
        }

    def spawn(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        """Start a verb."""
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "ovd", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )


def run(arguments: list[str], checkout: Checkout) -> Start:
    """Run a verb to its end; one that fails is no measurement."""
    return _timed(lambda: _require_success(checkout.spawn(arguments)))


def serve_until_answer(checkout: Checkout) -> Start:
    """Start the app and wait until its page comes; then stop it."""
    with open_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    started = time.perf_counter()
    process = checkout.spawn(["serve", "--port", str(port)])
    try:
        while time.perf_counter() - started < GIVE_UP_S and process.poll() is None:
            with suppress(URLError, ConnectionError):
                with urlopen(f"http://127.0.0.1:{port}/", timeout=GIVE_UP_S) as answer:
                    answer.read()
                return Start(time.perf_counter() - started, _processor_s(process.pid))
            time.sleep(PAUSE_S)
        raise RuntimeError("ovd serve did not answer")
    finally:
        process.terminate()
        process.wait()


def shares(arguments: list[str], checkout: Checkout) -> list[tuple[str, float]]:
    """Return the packages that a verb imports with their part of the import time, largest first."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "importtime", "-m", "ovd", *arguments],
        cwd=checkout.folder,
        env=checkout.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    own: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        if found := _IMPORTED.match(line):
            own[found[2].split(".")[0]] += int(found[1])
    total = own.total()
    standard = sum(own[name] for name in own if name in sys.stdlib_module_names)
    others = [(name, own[name]) for name in own if name not in sys.stdlib_module_names]
    listed = [
        (name, time_us / total) for name, time_us in [*others, ("standard library", standard)]
    ]
    return sorted(listed, key=lambda item: -item[1])


def _require_success(process: subprocess.Popen[bytes]) -> None:
    if process.wait() != 0:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")


def _timed(work: Callable[[], object]) -> Start:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    work()
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Start(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(title: str, checkout: Checkout) -> Start:
    """Measure one of `TARGETS_S` once."""
    if title == "ovd serve":
        return serve_until_answer(checkout)
    return run(["--help"] if title == "ovd --help" else DETECT, checkout)


def print_medians(checkouts: list[Checkout], runs: int) -> None:
    """Print a table of medians; of two checkouts also how many times the second takes."""
    print("| | wall s | processor s | target s, wall, quiet machine |\n|---|---|---|---|")
    for title, target_s in TARGETS_S.items():
        starts = [[measure(title, checkout) for checkout in checkouts] for _ in range(runs)]
        columns = list(zip(*starts, strict=True))
        wall = [statistics.median(start.wall_s for start in column) for column in columns]
        used = [statistics.median(start.processor_s for start in column) for column in columns]
        print(f"| {title} | {_beside(wall)} | {_beside(used)} | {target_s} |", flush=True)


def _beside(values: list[float]) -> str:
    shown = f"{values[0]:.2f}"
    return (
        shown
        if len(values) == 1
        else f"{shown}, beside {values[1]:.2f} ({values[1] / values[0]:.1f} x)"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--imports", action="store_true", help="Also print shares of import time.")
    parser.add_argument("--beside", type=Path, help="Another checkout to measure in turn.")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        checkouts = []
        for index, root in enumerate([ROOT, *filter(None, [options.beside])]):
            folder = Path(name) / str(index)
            folder.mkdir()
            save_frame(folder / "frame.jpg")
            checkouts.append(Checkout(root.resolve(), folder))
        for checkout in checkouts:
            measure("ovd serve", checkout)  # writes byte code, the database and compiled networks
        print_medians(checkouts, options.runs)
        if options.imports:
            print("\n| imported by ovd detect | share of import time |\n|---|---|")
            for package, share in shares(DETECT, checkouts[0]):
                if share >= _LEAST_SHARE:
                    print(f"| {package} | {share:.0%} |")


if __name__ == "__main__":
    main()
