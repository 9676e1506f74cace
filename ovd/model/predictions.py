"""RawPredictions: what every network returns, whatever its architecture."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True, eq=False)
class RawPredictions:
    """Candidate objects of a batch, before any text has been compared with them.

    A candidate is an anchor of a dense detector or an object query of a DETR. Its scores come
    from a `TextSimilarityHead`, so one pass of the network serves every vocabulary.

    Attributes:
        region_embeds: `(B, Q, D)` float, in the space of the head that belongs to the network.
        xyxy_norm: `(B, Q, 4)` float corners as fractions of the network's input; may lie
            outside of it.
    """

    region_embeds: Tensor
    xyxy_norm: Tensor

    def __post_init__(self) -> None:
        shape = tuple(self.region_embeds.shape)
        if len(shape) != 3 or tuple(self.xyxy_norm.shape) != (*shape[:2], 4):
            raise ValueError(
                f"wanted (B, Q, D) and (B, Q, 4), got {shape} and {tuple(self.xyxy_norm.shape)}"
            )


class DetectionNetwork(Protocol):
    """Pixels to candidates; every architecture's `nn.Module` is one."""

    def __call__(self, pixels: Tensor) -> RawPredictions:
        """Find candidates.

        Args:
            pixels: `(B, 3, H, W)` RGB scaled to [-1, 1], of the size the network was built for.
        """
        ...
