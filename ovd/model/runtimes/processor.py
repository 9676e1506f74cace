"""Facts about processor and process that what is compiled or measured depends on."""

import hashlib
import math
import os
import platform
import shutil
from pathlib import Path

from ovd.errors import ForkedProcessError

CPU_INFO = Path("/proc/cpuinfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")


def thread_count(wanted: int) -> int:
    """Return the number of CPU threads to compute with.

    Args:
        wanted: That number; 0 takes the cores that this process may use. Those of a container
            that is limited to a share of the machine are fewer than the machine has, and threads
            beyond them wait for each other.
    """
    if wanted:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, math.ceil(min(cores, _core_limit(CONTROL_GROUP))))


def _core_limit(folder: Path) -> float:
    """Return how many cores a control group of Linux may use; infinity where it may use all."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            quota = (folder / "cpu" / "cpu.cfs_quota_us").read_text(encoding="ascii")
            period = (folder / "cpu" / "cpu.cfs_period_us").read_text(encoding="ascii")
        return int(quota) / int(period) if int(quota) > 0 else math.inf
    except (OSError, ValueError):
        return math.inf


def require_own_process(loaded_in: int) -> None:
    """Refuse to compute in a process that was forked from the one that loaded a library.

    The threads of a library do not exist in such a process, and it would wait for them for ever.

    Args:
        loaded_in: Id of the process that loaded the library.

    Raises:
        ForkedProcessError: If this is another process.
    """
    if os.getpid() != loaded_in:
        raise ForkedProcessError(
            "this process was forked from one that had loaded the detector, whose threads do not "
            "exist here; start processes by 'spawn', or load the detector after the fork only"
        )


def processor_id() -> str:
    """Return a short name that differs where code compiled for this processor may not run."""
    facts = [platform.system(), platform.machine(), platform.processor()]
    if CPU_INFO.is_file():
        seen = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
        facts += [
            next((line for line in seen if line.startswith(key)), "")
            for key in ("model name", "flags", "Features")
        ]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def has_gpu() -> bool:
    """Return whether a driver of NVIDIA is installed; PyTorch, which knows more, takes seconds."""
    return shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()


def describe_accelerator() -> str:
    """Return one line for people about the GPU and CPU that torch sees."""
    import torch

    cpu = f"CPU with {torch.get_num_threads()} threads"
    if not torch.cuda.is_available():
        return f"none that torch can use; computing on the {cpu}"
    return f"{torch.cuda.get_device_name(0)} (detectors run on the {cpu} so far)"
