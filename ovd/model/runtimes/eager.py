"""EagerRunner: runs a network as PyTorch defines it, in float32 or bfloat16."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ovd.model.predictions import DetectionNetwork
from ovd.model.runtimes.network_runner import NetworkOutput


class EagerRunner:
    """Implements `NetworkRunner` on the CPU."""

    def __init__(self, network: DetectionNetwork, *, bfloat16: bool = False) -> None:
        """Keep a network.

        Args:
            network: In evaluation mode.
            bfloat16: Whether its convolutions compute in bfloat16; candidates are float32 anyway.
        """
        self._network = network
        self._bfloat16 = bfloat16

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """See `NetworkRunner`."""
        with torch.inference_mode():
            pixels = to_pixels(images)
            with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
                found = self._network(pixels)
            return NetworkOutput(
                found.region_embeds.float().numpy(), found.xyxy_norm.float().numpy()
            )


def to_pixels(images: NDArray[np.uint8]) -> Tensor:
    """Scale `(B, H, W, 3)` RGB to `(B, 3, H, W)` float32 in [-1, 1], channels last in memory."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).to(torch.float32)
    return pixels.mul_(1 / 127.5).sub_(1.0)
