"""Measure the start of a runtime in a process of its own: `python -m ovd.model.runtimes.probe`.

Reads one JSON object from stdin and prints one: seconds from the first import to the first
result, and the largest memory of the process.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

STATUS = Path("/proc/self/status")


def peak_mb() -> float | None:
    """Return the largest memory that this process had, in megabytes; None if it is not known."""
    if STATUS.is_file():
        rows = (line.split() for line in STATUS.read_text(encoding="ascii").splitlines())
        return next((int(row[1]) / 1024 for row in rows if row[:1] == ["VmHWM:"]), None)
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    """Open the runtime that stdin describes and run it on one black image."""
    started_s = time.monotonic()
    wanted = json.load(sys.stdin)
    from ovd.model.backends import find_backend
    from ovd.model.runtimes.options import Device, Precision, Runtime, RuntimeOptions
    from ovd.model.runtimes.selection import Candidate, find_runtime

    cache = wanted["cache_dir"]
    options = RuntimeOptions(
        threads=wanted["threads"], cache_dir=None if cache is None else Path(cache)
    )
    source = find_backend(wanted["detector"]).open_source(Path(wanted["weights_dir"]))
    spec = find_runtime(Runtime(wanted["runtime"]))
    candidate = Candidate(spec, Precision(wanted["precision"]), Device(wanted["device"]))
    run = candidate.open(source, options)
    run(np.zeros((1, *source.input_sizes[0], 3), dtype=np.uint8))
    result = {"start_s": time.monotonic() - started_s, "peak_mb": peak_mb()}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
