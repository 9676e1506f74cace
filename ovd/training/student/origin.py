"""Distil the network that the student began as, so that it keeps what it knew.

A frozen copy detects in the same augmented view. It has the same points, so its class logits and
its box distributions are compared point by point (Li et al., 2020, "Generalized Focal Loss", for
the form of the class loss). Only points where it is sure of something are compared: elsewhere the
labels decide.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.model.ghost.network import GhostConfig, GhostScores, OvGhost
from ovd.model.ovdense import use_channels_last
from ovd.training.losses.criterion import quality_focal_loss
from ovd.training.student.start import COCO_NAMES, load_arrays, start_from_arrays


@dataclass(frozen=True)
class OriginConfig:
    """Configure the distillation of the network that the student began as.

    Attributes:
        arrays: `.npz` with the arrays of a NanoDet-Plus-m that it began as; empty for none.
        every: Distil in every n-th batch only, which saves time.
        min_score: Least score of its best name at a point that is compared.
        min_box_score: The same for the distances to the sides of the box.
        bins: Weight of the divergence of these distances.
    """

    arrays: str = ""
    every: int = 1
    min_score: float = 0.05
    min_box_score: float = 0.3
    bins: float = 0.25

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"every of at least 1 wanted, got {self.every}")


@dataclass(frozen=True, eq=False)
class Origin:
    """A frozen network of the student's architecture.

    Attributes:
        network: The network, in inference mode.
        names: The K names that it knows.
        texts: `(K, D)` their directions in its own text space.
    """

    network: OvGhost
    names: tuple[str, ...]
    texts: Tensor


@dataclass(frozen=True, eq=False)
class SurePoints:
    """Predictions of the frozen network at the M points of a batch where it is sure.

    Attributes:
        image: `(M,)` int64 index of the image.
        point: `(M,)` int64 index of the point.
        logits: `(M, K)` of its names.
        bin_logits: `(M, 4, BINS)`.
    """

    image: Tensor
    point: Tensor
    logits: Tensor
    bin_logits: Tensor

    def to(self, device: torch.device) -> "SurePoints":
        """Return the same on a device."""
        return SurePoints(
            self.image.to(device), self.point.to(device),
            self.logits.to(device), self.bin_logits.to(device),
        )  # fmt: skip


def load_origin(path: Path, config: GhostConfig, hold_out: Set[str] = frozenset()) -> Origin:
    """Build the frozen network from the arrays of a NanoDet-Plus-m.

    Every name is a direction of its own in its text space, so that its logits are those of the
    arrays, whatever the student's texts become.

    Args:
        path: `.npz` with the arrays.
        config: Of the student.
        hold_out: Names that it must not speak of.

    Raises:
        WeightsError: If the file cannot be read or holds something else.
    """
    network = OvGhost(config)
    texts = torch.eye(len(COCO_NAMES), config.embed_dim)
    start_from_arrays(network, load_arrays(path), texts)
    use_channels_last(network)
    kept = [i for i, name in enumerate(COCO_NAMES) if name not in hold_out]
    names = tuple(COCO_NAMES[i] for i in kept)
    return Origin(network.eval().requires_grad_(False), names, texts[kept])


def find_sure_points(origin: Origin, pixels: Tensor, min_score: float) -> SurePoints:
    """Run the frozen network on `(B, 3, H, W)` RGB in [-1, 1] and keep what it is sure of."""
    origin.network.to(pixels.device)
    with torch.no_grad():
        scores = origin.network.predict_scores(pixels, origin.texts.to(pixels.device))
        image, point = (scores.logits.amax(dim=2).sigmoid() >= min_score).nonzero(as_tuple=True)
        return SurePoints(
            image, point, scores.logits[image, point], scores.bin_logits[image, point]
        )


def select_names(names: Sequence[str], stated: Sequence[Set[str]]) -> Tensor:
    """Return `(B, K)` bool: which names may be distilled in which image.

    In an image whose labels cover some of the names but not all, the labels decide about those:
    the frozen network may be wrong about cameras that it never saw. Where they cover all names,
    or a name not at all, it may speak.

    Args:
        names: The K names.
        stated: Per image, the names that are labelled exhaustively, small objects excepted or not.
    """
    known = frozenset(names)
    rows = [
        [known <= image_names or name not in image_names for name in names]
        for image_names in stated
    ]
    return torch.tensor(rows, dtype=torch.bool).reshape(len(stated), len(names))


def origin_loss(
    scores: GhostScores, sure: SurePoints, distilled: Tensor, config: OriginConfig
) -> Tensor:
    """Return the divergence of the student from the frozen network where that one is sure.

    Args:
        scores: The student's predictions, of which the logits are those of the K names.
        sure: What the frozen network predicts for the same pixels.
        distilled: `(B, K)` bool, from `select_names`.
        config: What is compared.
    """
    weight = distilled.to(sure.logits.device)[sure.image].float()
    wanted = sure.logits.float().sigmoid()
    certainty = (wanted * weight).amax(dim=1)
    norm = certainty.sum().clamp(min=1.0)
    names = quality_focal_loss(scores.logits[sure.image, sure.point], wanted, weight)
    boxed = certainty >= config.min_box_score
    own = scores.bin_logits[sure.image[boxed], sure.point[boxed]].log_softmax(dim=-1)
    sides = sure.bin_logits[boxed].float().log_softmax(dim=-1)
    gap = F.kl_div(own, sides, reduction="none", log_target=True).sum(dim=-1).mean(dim=1)
    loss: Tensor = (names + config.bins * (gap * certainty[boxed]).sum()) / norm
    return loss
