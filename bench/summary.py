"""Runs the benchmarks one after the other and ends in one table of their main figures.

    python -m bench.summary [runtimes detect ...]

Each benchmark prints its own tables and hands its main figures to `note`. A figure that has a
baseline was measured beside it in the same run, so that its ratio holds on a busy machine too; a
ratio above 1 is better. A benchmark that fails is named, and the others go on.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

BENCHMARKS = (
    "runtimes",
    "frame_path",
    "open_vocabulary",
    "counting_overhead",
    "detect",
    "store",
    "history",
    "crash",
    "api",
)
FILE_VARIABLE = "OVD_BENCH_SUMMARY"


@dataclass(frozen=True)
class Figure:
    """One main figure of a benchmark.

    Attributes:
        what: What was measured.
        value: The figure.
        unit: Its unit.
        baseline: The figure that it is compared with; None where there is none.
        than: What the baseline is.
        less_is_better: Whether a smaller figure is the better one.
    """

    what: str
    value: float
    unit: str
    baseline: float | None = None
    than: str = ""
    less_is_better: bool = True

    @property
    def ratio(self) -> float | None:
        """Return how many times as good as its baseline it is."""
        if self.baseline is None or not self.baseline or not self.value:
            return None
        return self.baseline / self.value if self.less_is_better else self.value / self.baseline


def note(figure: Figure) -> None:
    """Hand a figure to the summary; does nothing where a benchmark runs by itself."""
    path = os.environ.get(FILE_VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figure)) + "\n")


def run(names: Sequence[str]) -> tuple[dict[str, list[Figure]], list[str]]:
    """Run benchmarks; returns their figures, and the names of those that failed."""
    found: dict[str, list[Figure]] = {}
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            print(f"\n== bench.{name}", flush=True)
            file = Path(folder) / f"{name}.jsonl"
            file.touch()
            done = subprocess.run(  # noqa: S603 -- our own modules
                [sys.executable, "-m", f"bench.{name}"],
                check=False,
                env=os.environ | {FILE_VARIABLE: str(file)},
            )
            if done.returncode:
                failed.append(name)
            rows = file.read_text(encoding="utf-8").splitlines()
            found[name] = [Figure(**json.loads(row)) for row in rows]
    return found, failed


def describe(found: dict[str, list[Figure]], failed: Sequence[str]) -> list[str]:
    """Return the lines of the table."""
    lines = [f"{'summary':18}{'':46}{'':>16}{'ratio':>8}"]
    for name, figures in found.items():
        for figure in figures:
            value = f"{figure.value:,.4g} {figure.unit}"
            ratio = "" if figure.ratio is None else f"{figure.ratio:>8.2f}  to {figure.than}"
            lines.append(f"{name:18}{figure.what:46}{value:>16}{ratio}")
    lines += [f"{name:18}FAILED; see above" for name in failed]
    return lines


def main() -> None:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all if none")
    found, failed = run(parser.parse_args().names or BENCHMARKS)
    print("\n" + "\n".join(describe(found, failed)))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
