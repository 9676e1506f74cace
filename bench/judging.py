"""Cost and effect of judging tracks, with a stub judge that knows the answers.

    python -m bench.judging [--seconds 30] [--fps 5] [--cost-ms 40]

Counts persons in the sample clip, of which the stub confirms those whose crop is dark. It spends
the given processor time per judgement. Prints for budgets of 1, 5 and 20 judgements a second:
judgements, processor time against no judge, and how the counts compare with an unlimited budget.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.detect import ROOT
from ovd.bootstrap import build_counter, build_detector, build_opener, build_reader, open_store
from ovd.domain.events import FrameResult
from ovd.domain.frame import Image
from ovd.domain.ports import SourceOptions
from ovd.domain.ports.judging import Verification
from ovd.settings import Settings

CLIP = ROOT / "samples" / "pedestrians.mp4"
BUDGETS = (1.0, 5.0, 20.0)
UNLIMITED = 1000.0


class StubJudge:
    """Confirms crops whose mean is dark, and takes a fixed processor time for each."""

    name = "stub"
    default_min_score = 0.5

    def __init__(self, cost_s: float) -> None:
        """Answer after so many seconds of work per crop."""
        self.cost_s = cost_s
        self.judgements = 0

    def judge(self, crops: Sequence[Image], texts: Sequence[str]) -> NDArray[np.float32]:
        """Return 1 for a dark crop and 0 for others."""
        self.judgements += len(crops)
        end_s = time.process_time() + self.cost_s * len(crops)
        while time.process_time() < end_s:
            pass
        return np.array([float(crop.mean() < 120) for crop in crops], dtype=np.float32)


def measure(per_s: float | None, seconds: float, fps: float, cost_s: float) -> tuple[float, ...]:
    """Return processor seconds, judgements, unique objects, and sums of counts and pending."""
    judge = StubJudge(cost_s)
    verification = None if per_s is None else Verification(judge, 0.5, per_s)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), db=f"sqlite:///{folder}/counts.db")
        detector = build_detector(settings)
        queries = [build_reader(detector, settings.weights_dir).read("person")]
        source = build_opener(settings)(str(CLIP), "clip", SourceOptions(sample_fps=fps))
        counted = pending = 0
        with closing(open_store(settings)) as store, closing(source):
            counter = build_counter(detector, store, verification=verification)
            started_s = time.process_time()
            with counter.open_run(source, "clip", queries) as run:
                for item in run:
                    if isinstance(item, FrameResult):
                        counted += item.counts[0].count
                        pending += item.counts[0].pending
                        if item.frame.time_s >= seconds:
                            run.finish()
            cpu_s = time.process_time() - started_s
            unique = run.summary().queries[0].unique or 0
    return cpu_s, judge.judgements, unique, counted, pending


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--cost-ms", type=float, default=40.0)
    arguments = parser.parse_args()
    cost_s = arguments.cost_ms / 1000
    measure(None, 2.0, arguments.fps, 0.0)
    print(f"{'budget':>8}{'cpu s':>8}{'judged':>8}{'unique':>8}{'counted':>9}{'pending':>9}")
    for budget in (None, *BUDGETS, UNLIMITED):
        found = measure(budget, arguments.seconds, arguments.fps, cost_s)
        cpu_s, judged, unique, counted, pending = found
        name = "none" if budget is None else f"{budget:g}"
        print(f"{name:>8}{cpu_s:>8.1f}{judged:>8g}{unique:>8g}{counted:>9g}{pending:>9g}")


if __name__ == "__main__":
    main()
