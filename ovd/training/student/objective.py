"""Compute what the ghost network learns from a batch."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from ovd.errors import SettingsError
from ovd.model.ghost.network import GhostConfig, GhostScores, OvGhost, corner_points
from ovd.training.config import TrainConfig
from ovd.training.data.loader import TrainingBatch
from ovd.training.engine.objective import EmbedPhrases, to_pixels, to_targets
from ovd.training.losses.criterion import Losses
from ovd.training.student.criterion import GhostCriterion, GhostGrid, GhostLossWeights
from ovd.training.student.origin import (
    Origin,
    SurePoints,
    find_sure_points,
    load_origin,
    origin_loss,
    select_names,
)


def load_configured_origin(config: TrainConfig) -> Origin | None:
    """Load the frozen network that a run distils; None if the loss has no weight.

    Raises:
        SettingsError: If distillation has a weight and no arrays are named.
        WeightsError: If the arrays cannot be read.
    """
    if config.loss.distill <= 0:
        return None
    if not config.origin.arrays:
        raise SettingsError("loss.distill is above 0 and needs origin.arrays, which is empty")
    held_out = frozenset(config.data.hold_out)
    size = GhostConfig(embed_dim=config.model.embed_dim)
    return load_origin(Path(config.origin.arrays), size, held_out)


class GhostObjective:
    """Compute the losses of `OvGhost`: names, boxes, and distances to their sides."""

    def __init__(
        self,
        config: TrainConfig,
        network: OvGhost,
        embed: EmbedPhrases,
        origin: Origin | None = None,
    ) -> None:
        """Keep what the losses need.

        Args:
            config: The run.
            network: The student; it may move to another device later.
            embed: Makes `(P, D)` unit-length embeddings of phrases on the network's device.
            origin: Frozen network to distil; none where its loss has no weight.
        """
        self._criterion = GhostCriterion(GhostLossWeights(config.loss.box, config.loss.bins))
        self._config = config
        self._network = network
        self._embed = embed
        self._origin = origin

    def __call__(self, batch: TrainingBatch, texts: Tensor, images_done: int) -> Losses:
        """See `ovd.training.engine.objective.Objective`."""
        device = texts.device
        size_hw = (int(batch.images.shape[2]), int(batch.images.shape[3]))
        asked, origin = len(texts), self._origin
        if origin is not None:
            texts = torch.cat((texts, self._embed(origin.names)))
        maps, sure = self._run_backbones(batch, device)
        # Depthwise 5 x 5 kernels crawl in bfloat16 on a CPU.
        with torch.autocast(device.type, torch.bfloat16, device.type != "cpu"):
            scores = self._network.score_maps(maps, size_hw, texts)
        points, strides = corner_points(size_hw)
        grid = GhostGrid(points.to(device), strides.to(device))
        of_labels = replace(scores, logits=scores.logits[:, :, :asked])
        losses = self._criterion(of_labels, to_targets(batch, device), grid)
        if origin is None or sure is None:
            return losses
        of_origin = replace(scores, logits=scores.logits[:, :, asked:])
        return losses.with_distill(self._origin_loss(batch, of_origin, sure, origin))

    def _run_backbones(
        self, batch: TrainingBatch, device: torch.device
    ) -> tuple[tuple[Tensor, ...], SurePoints | None]:
        """Return the backbone's maps, and what the frozen network is sure of if it is due."""
        pixels = to_pixels(batch.images, device)
        with torch.autocast(device.type, torch.bfloat16, device.type != "cpu"):
            maps = self._network.backbone(pixels)
        every = self._config.origin.every
        if self._origin is None or batch.step % every:
            return maps, None
        return maps, find_sure_points(self._origin, pixels, self._config.origin.min_score)

    def _origin_loss(
        self, batch: TrainingBatch, scores: GhostScores, sure: SurePoints, origin: Origin
    ) -> Tensor:
        distilled = select_names(origin.names, batch.exhaustive)
        loss = origin_loss(scores, sure, distilled, self._config.origin)
        return self._config.loss.distill * loss
