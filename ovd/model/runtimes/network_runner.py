"""NetworkRunner: computes the candidates of an image batch, with arrays at both ends.

A runtime is one file beside this one. It knows neither texts nor thresholds: candidates are
compared with texts by a matrix product outside, so that other queries compile nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NetworkOutput:
    """Candidates of B images, Q of each.

    Attributes:
        region_embeds: `(B, Q, D)` float32, in the space of the detector's `TextProjection`.
        xyxy_norm: `(B, Q, 4)` float32 corners as fractions of the input; may lie outside of it.
    """

    region_embeds: NDArray[np.float32]
    xyxy_norm: NDArray[np.float32]

    def __post_init__(self) -> None:
        shape = self.region_embeds.shape
        if len(shape) != 3 or self.xyxy_norm.shape != (*shape[:2], 4):
            raise ValueError(f"wanted (B, Q, D) and (B, Q, 4), got {shape}, {self.xyxy_norm.shape}")


def join_outputs(outputs: Sequence[NetworkOutput]) -> NetworkOutput:
    """Return the candidates of several batches, one after the other, as those of one batch."""
    if len(outputs) == 1:
        return outputs[0]
    return NetworkOutput(
        np.concatenate([output.region_embeds for output in outputs]),
        np.concatenate([output.xyxy_norm for output in outputs]),
    )


class NetworkRunner(Protocol):
    """Runs the network of one detector. Safe to share between threads."""

    def __call__(self, images: NDArray[np.uint8]) -> NetworkOutput:
        """Find candidates.

        Args:
            images: `(B, H, W, 3)` uint8 RGB, contiguous; H and W one of the detector's input sizes
                and B at least 1, so that a runtime can prepare for each size once.
        """
        ...
