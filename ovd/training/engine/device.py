"""The device and the memory allocator that training uses."""

import ctypes
import sys

import torch

from ovd.errors import SettingsError

# Of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = 2**31 - 1


def find_device(name: str) -> torch.device:
    """Return the device of that name in torch.

    Raises:
        SettingsError: If torch cannot compute on it here.
    """
    try:
        return torch.zeros(0, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(f"torch cannot compute on {name!r} here; try cpu") from error


def keep_freed_memory() -> None:
    """Let this process keep memory that it frees, where glibc is the allocator.

    Handing it back after each step and getting it again, zeroed page by page, costs up to 40 % of
    the time of a training step on a CPU.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, NEVER)
