"""Run a network in bfloat16 where the processor computes in it."""

import torch
from torch import Tensor

from ovd.model.predictions import DetectionNetwork, RawPredictions


def computes_in_bfloat16() -> bool:
    """Return whether this processor multiplies bfloat16 in hardware, which is faster then."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


class HalfPrecision:
    """A network whose convolutions run in bfloat16 and whose predictions are float32."""

    def __init__(self, network: DetectionNetwork) -> None:
        self._network = network

    def __call__(self, pixels: Tensor) -> RawPredictions:
        """See `DetectionNetwork`."""
        with torch.autocast(pixels.device.type, torch.bfloat16):
            raw = self._network(pixels)
        return RawPredictions(raw.region_embeds.float(), raw.xyxy_norm.float())
