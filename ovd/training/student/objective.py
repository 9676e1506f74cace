"""Compute what the ghost network learns from a batch."""

import torch
from torch import Tensor

from ovd.model.ghost.network import OvGhost, corner_points
from ovd.training.config import LossConfig
from ovd.training.data.loader import TrainingBatch
from ovd.training.engine.objective import to_pixels, to_targets
from ovd.training.losses.criterion import Losses
from ovd.training.student.criterion import GhostCriterion, GhostGrid, GhostLossWeights


class GhostObjective:
    """Compute the losses of `OvGhost`: names, boxes, and distances to their sides."""

    def __init__(self, loss: LossConfig, network: OvGhost) -> None:
        """Keep what the losses need.

        Args:
            loss: How much each counts.
            network: The student; it may move to another device later.
        """
        self._criterion = GhostCriterion(GhostLossWeights(loss.box, loss.bins))
        self._network = network

    def __call__(self, batch: TrainingBatch, texts: Tensor, images_done: int) -> Losses:
        """See `ovd.training.engine.objective.Objective`."""
        device = texts.device
        pixels = to_pixels(batch.images, device)
        # Depthwise 5 x 5 kernels crawl in bfloat16 on a CPU.
        with torch.autocast(device.type, torch.bfloat16, device.type != "cpu"):
            scores = self._network.predict_scores(pixels, texts)
        points, strides = corner_points((pixels.shape[2], pixels.shape[3]))
        grid = GhostGrid(points.to(device), strides.to(device))
        return self._criterion(scores, to_targets(batch, device), grid)
