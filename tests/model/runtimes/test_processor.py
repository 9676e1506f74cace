import math
import os
import subprocess
import sys

import pytest

from ovd.errors import ForkedProcessError
from ovd.model.runtimes import processor
from ovd.model.runtimes.processor import require_own_process, thread_count

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
FORK = """
import os
import numpy as np
from ovd.errors import ForkedProcessError
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from ovd.model.runtimes.selection import Candidate, ReliableRunner, find_runtime
from tests.model.runtimes.networks import make_images, make_source

source, options = make_source(), RuntimeOptions(threads=2)
names = (Runtime.OPENVINO, Runtime.ONNX, Runtime.EAGER)
orders = [[Candidate(find_runtime(name), Precision.FLOAT32)] for name in names]
runners = [ReliableRunner(source, options, order) for order in orders]
attempts = [lambda run=run: run(make_images()) for run in runners]
attempts += [lambda order=order: ReliableRunner(source, options, order) for order in orders]
child = os.fork()
if child == 0:
    refused = 0
    for attempt in attempts:
        try:
            attempt()
        except ForkedProcessError:
            refused += 1
    os._exit(refused)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_process_is_told_instead_of_waiting_for_threads_it_lacks():
    done = subprocess.run([sys.executable, "-c", FORK], check=False, timeout=100)  # noqa: S603

    assert done.returncode == 6


def test_own_process_may_compute():
    require_own_process(os.getpid())

    with pytest.raises(ForkedProcessError, match="start processes by 'spawn'"):
        require_own_process(os.getpid() + 1)


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "max 100000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ({}, math.inf),
    ],
)
def test_threads_are_no_more_than_the_cores_of_a_container(tmp_path, monkeypatch, files, limit):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(processor, "CONTROL_GROUP", tmp_path)

    assert thread_count(0) == min(CORES, limit)
    assert thread_count(7) == 7
