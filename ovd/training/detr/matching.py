"""Matching: which object query learns which box, one to one, at the least cost of all.

After Carion et al., 2020, "DETR" (Hungarian matching) with the focal class cost of Zhu et al.,
2020, "Deformable DETR", both written from the papers. A box may match several texts, such as a
name and a wider word; its class cost is the mean over them.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.errors import MissingExtraError
from ovd.model.box_ops import cxcywh_to_xyxy, paired_giou

ALPHA = 0.25


@dataclass(frozen=True)
class MatchingCosts:
    """Weights of the costs.

    Attributes:
        names: Focal cost of the texts that a box matches.
        distance: L1 distance of centre and size, in fractions of the input.
        giou: 1 less the generalised IoU.
    """

    names: float = 2.0
    distance: float = 5.0
    giou: float = 2.0


@dataclass(frozen=True, eq=False)
class ScoredBoxes:
    """Predictions for one image.

    Attributes:
        logits: `(Q, C)` for the texts of the batch.
        cxcywh_norm: `(Q, 4)` in fractions of the input.
    """

    logits: Tensor
    cxcywh_norm: Tensor


def focal_cost(logits: Tensor) -> Tensor:
    """Return what it costs, in shares of the focal loss, to call `(Q, C)` logits positive."""
    p = logits.sigmoid()
    positive = ALPHA * (1 - p).square() * F.softplus(-logits)
    negative = (1 - ALPHA) * p.square() * F.softplus(logits)
    return positive - negative


def matching_cost(
    found: ScoredBoxes, match: Tensor, cxcywh_norm: Tensor, costs: MatchingCosts
) -> Tensor:
    """Return the `(Q, N)` costs of giving each box to each query.

    Args:
        found: Predictions for one image.
        match: `(N, C)` bool; the box is an instance of the text.
        cxcywh_norm: `(N, 4)` true boxes in fractions of the input.
        costs: Weights.
    """
    shares = match.float() / match.sum(dim=1, keepdim=True).clamp(min=1)
    names = focal_cost(found.logits) @ shares.T
    distance = torch.cdist(found.cxcywh_norm, cxcywh_norm, p=1)
    shape = (len(found.cxcywh_norm), len(cxcywh_norm), 4)
    queries = cxcywh_to_xyxy(found.cxcywh_norm)[:, None].expand(shape)
    giou = paired_giou(queries, cxcywh_to_xyxy(cxcywh_norm)[None].expand(shape))
    return costs.names * names + costs.distance * distance + costs.giou * (1 - giou)


def match_at_least_cost(cost: Tensor) -> tuple[Tensor, Tensor]:
    """Return the pairs of query and box whose costs add up to the least.

    Args:
        cost: `(Q, N)`; what is not finite counts as very large.

    Returns:
        `(min(Q, N),)` indices of queries and of the boxes they learn.

    Raises:
        MissingExtraError: If scipy is not installed.
    """
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise MissingExtraError(
            "matching object queries needs scipy; install it with: pip install 'ovd[train]'"
        ) from error
    finite = torch.nan_to_num(cost.detach(), nan=1e6, posinf=1e6, neginf=-1e6)
    query, box = linear_sum_assignment(finite.cpu().numpy())
    return (torch.as_tensor(query, device=cost.device), torch.as_tensor(box, device=cost.device))
