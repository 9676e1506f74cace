"""Facts about the processor that what was compiled or measured on it depends on."""

import hashlib
import os
import platform
import shutil
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


def thread_count(wanted: int) -> int:
    """Return the number of CPU threads to compute with; 0 takes all cores of this process."""
    if wanted:
        return wanted
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
