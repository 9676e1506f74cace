"""EagerRunner: runs a network as PyTorch defines it, on the CPU or a GPU."""

import os
import platform

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ovd.errors import RuntimeUnavailableError
from ovd.model.predictions import DetectionNetwork
from ovd.model.runtimes.network_runner import NetworkOutput
from ovd.model.runtimes.options import Device, Precision
from ovd.model.runtimes.processor import require_own_process, thread_count

LOADED_IN = os.getpid()
X86 = ("x86_64", "amd64", "x86")
_TYPES = {Precision.BFLOAT16: torch.bfloat16, Precision.FLOAT16: torch.float16}


class EagerRunner:
    """Implements `NetworkRunner`."""

    def __init__(
        self,
        network: DetectionNetwork,
        precision: Precision = Precision.FLOAT32,
        device: Device = Device.CPU,
    ) -> None:
        """Keep a network.

        Args:
            network: In evaluation mode.
            precision: What its convolutions compute in; candidates are float32 anyway.
            device: CPU or CUDA.

        Raises:
            RuntimeUnavailableError: If there is no such device, or it has not enough memory.
        """
        require_own_process(LOADED_IN)
        self._type = _TYPES.get(precision)
        self._device = torch.device("cuda" if device is Device.CUDA else "cpu")
        if device is Device.CUDA and not torch.cuda.is_available():
            raise RuntimeUnavailableError("PyTorch finds no GPU that it can use")
        try:
            if isinstance(network, torch.nn.Module):
                network.to(self._device)
        except RuntimeError as error:
            raise RuntimeUnavailableError(f"the GPU cannot hold the network: {error}") from error
        self._network = network

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """See `NetworkRunner`.

        Raises:
            RuntimeUnavailableError: If the GPU fails or has not enough memory.
            ForkedProcessError: If this process was forked from the one that loaded it.
        """
        require_own_process(LOADED_IN)
        if self._device.type == "cpu":
            return self._compute(images)
        try:
            return self._compute(images)
        except RuntimeError as error:
            raise RuntimeUnavailableError(f"the GPU cannot run it: {error}") from error

    def _compute(self, images: NDArray[np.uint8]) -> NetworkOutput:
        kind = self._device.type
        with torch.inference_mode():
            pixels = to_pixels(images, self._device)
            with torch.autocast(kind, self._type or torch.bfloat16, enabled=bool(self._type)):
                found = self._network(pixels)
            return NetworkOutput(
                found.region_embeds.float().cpu().numpy(), found.xyxy_norm.float().cpu().numpy()
            )


def limit_threads(wanted: int) -> None:
    """Let PyTorch use so many threads; 0 keeps its own number where this process has the cores.

    Its threads spin while they wait for each other: more of them than cores are far slower.
    """
    torch.set_num_threads(wanted or min(torch.get_num_threads(), thread_count(0)))


def computes_in_bfloat16() -> bool:
    """Return whether this processor multiplies bfloat16 in hardware; else it takes far longer."""
    if platform.machine().lower() not in X86:
        return True
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def to_pixels(images: NDArray[np.uint8], device: torch.device | None = None) -> Tensor:
    """Scale `(B, H, W, 3)` RGB to `(B, 3, H, W)` float32 in [-1, 1], channels last in memory."""
    pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).to(torch.float32)
    return pixels.mul_(1 / 127.5).sub_(1.0)
