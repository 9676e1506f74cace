"""Knowledge distillation: match the network's class logits with a teacher's at its proposals.

Knowledge distillation after Hinton et al., 2015, "Distilling the Knowledge in a Neural Network",
on the augmented view that the network itself sees (after Beyer et al., 2022, "Knowledge
distillation: A good teacher is patient and consistent"). Only which of the teacher's names is
likelier than which is compared; whether there is a thing at all is left to the labels. And, unless
told otherwise, only in images whose labels cover all of the teacher's names: elsewhere it may be
a stranger itself, and take a car seen from above for a cell phone.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.domain.boxes import nms
from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import DensePredictions
from ovd.training.losses.assignment import PointGrid, assign_many
from ovd.training.teacher.labeller import Teacher

CANDIDATES = 200
MIN_SIDE_PX = 8.0


@dataclass(frozen=True)
class DistillConfig:
    """Configure distillation.

    Attributes:
        boxes: Places that the teacher proposes per image, at most.
        min_score: Least score of a proposal for its best name.
        max_iou: Overlap at which the worse of two proposals is dropped, whatever their names.
        temperature: The teacher's logits are divided by it before they are compared.
        steepness: How much wider the teacher's logits spread over its names than the network's,
            which learn overlaps of boxes and stay close together; theirs are widened by it.
        everywhere: Ask the teacher about every image, whatever its labels cover.
    """

    boxes: int = 24
    min_score: float = 0.05
    max_iou: float = 0.6
    temperature: float = 1.5
    steepness: float = 2.7
    everywhere: bool = False

    def __post_init__(self) -> None:
        if min(self.temperature, self.steepness) <= 0 or self.boxes < 1:
            raise ValueError(
                "temperature and steepness above 0 and at least one of boxes wanted, got "
                f"{self.temperature}, {self.steepness} and {self.boxes}"
            )


@dataclass(frozen=True, eq=False)
class Proposals:
    """A teacher's region proposals in a batch.

    Attributes:
        xyxy: `(N, 4)` float32 corners in pixels of the input.
        image: `(N,)` int64 index of the image each lies in.
        logits: `(N, K)` float32, one per name.
        names: The teacher's.
    """

    xyxy: Tensor
    image: Tensor
    logits: Tensor
    names: tuple[str, ...]


def select_distilled(
    teacher: Teacher, exhaustive: Sequence[Set[str]], config: DistillConfig
) -> tuple[int, ...]:
    """Return the positions of images that are boxed exhaustively for all the teacher's names.

    Args:
        teacher: Whose names to look for.
        exhaustive: Per image, the names of which every object is boxed.
        config: Whether it is asked everywhere.
    """
    known = set() if config.everywhere else set(teacher.names)
    return tuple(i for i, names in enumerate(exhaustive) if names >= known)


def propose(
    teacher: Teacher, pixels: Tensor, positions: Sequence[int], config: DistillConfig
) -> Proposals:
    """Run the teacher on some images of a batch, resized to its own input.

    Args:
        teacher: On the device of the pixels.
        pixels: `(B, 3, H, W)` RGB scaled to [-1, 1].
        positions: Which of the B images it looks at; at least one.
        config: Which of its candidates to keep.
    """
    side = teacher.network.config.input_size
    height, width = pixels.shape[2:]
    with torch.no_grad(), torch.autocast(pixels.device.type, torch.bfloat16):
        view = F.interpolate(pixels[list(positions)], (side, side), mode="bilinear", antialias=True)
        raw = teacher.network(view.contiguous(memory_format=torch.channels_last))
    scale = torch.tensor([width, height, width, height], device=pixels.device)
    xyxy = raw.xyxy_norm.float().clamp(0, 1) * scale
    logits = raw.region_embeds.float()
    kept = [_keep(*one, config) for one in zip(xyxy, logits, strict=True)]
    image = torch.repeat_interleave(
        torch.tensor(positions), torch.tensor([len(index) for index in kept])
    )
    return Proposals(
        torch.cat([one[index] for one, index in zip(xyxy, kept, strict=True)]),
        image.to(pixels.device),
        torch.cat([one[index] for one, index in zip(logits, kept, strict=True)]),
        teacher.names,
    )


def _keep(xyxy: Tensor, logits: Tensor, config: DistillConfig) -> Tensor:
    """Select one image's proposals from the teacher's `(Q, 4)` boxes and `(Q, K)` logits."""
    is_large = ((xyxy[:, 2:] - xyxy[:, :2]) >= MIN_SIDE_PX).all(dim=1)
    score = logits.amax(dim=1).sigmoid() * is_large
    best, index = score.topk(min(CANDIDATES, len(score)))
    index = index[best >= config.min_score]
    one_group = np.zeros(len(index), dtype=np.int64)
    kept = nms(xyxy[index].cpu().numpy(), score[index].cpu().numpy(), one_group, config.max_iou)
    return index[torch.from_numpy(kept[: config.boxes]).to(index.device)]


def distillation_loss(
    predictions: DensePredictions,
    head: InnerProductHead,
    texts: Tensor,
    proposals: Proposals,
    grid: PointGrid,
    config: DistillConfig,
) -> Tensor:
    """Return the mean divergence of the network's distribution over K names from the teacher's.

    Compared at the points that would learn the proposal if it were a label; surer proposals count
    more.

    Args:
        predictions: Of the network, for the batch that the teacher looked at.
        head: Of the one-to-many branch.
        texts: `(K, D)` unit-length embeddings of the proposals' names, in their order.
        proposals: What the teacher sees.
        grid: The network's points for this input size.
        config: How logits are compared.
    """
    pairs = assign_many(grid, proposals.xyxy, proposals.image)
    regions = predictions.region_embeds[pairs.image, pairs.point].float()
    widened = head.similarity(regions, texts) * config.steepness
    own = (widened / config.temperature).log_softmax(dim=1)
    wanted = (proposals.logits[pairs.box] / config.temperature).log_softmax(dim=1)
    divergence = F.kl_div(own, wanted, reduction="none", log_target=True).sum(dim=1)
    trust = proposals.logits.amax(dim=1).sigmoid()[pairs.box]
    mean: Tensor = (divergence * trust).sum() / trust.sum().clamp(min=1.0)
    return mean
