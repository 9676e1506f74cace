"""Compute what `OvDetr` learns from a batch."""

import torch

from ovd.model.detr.network import OvDetr
from ovd.training.config import TrainConfig
from ovd.training.data.loader import TrainingBatch
from ovd.training.detr.criterion import DetrCriterion, to_set_targets
from ovd.training.detr.denoising import make_noisy
from ovd.training.engine.objective import to_pixels, to_targets
from ovd.training.losses.criterion import Losses

STEP_STRIDE = 7919


class DetrObjective:
    """Losses of `OvDetr` from labels; each step keeps another share of the tokens."""

    def __init__(self, config: TrainConfig, network: OvDetr) -> None:
        """Keep what the losses need.

        Args:
            config: The run.
            network: The student; it may move to another device later.
        """
        self._config = config
        self._network = network

    def __call__(self, batch: TrainingBatch, texts: torch.Tensor, images_done: int) -> Losses:
        """See `ovd.training.engine.objective.Objective`."""
        device, plan = texts.device, self._config.detr
        generator = torch.Generator().manual_seed(
            self._config.schedule.seed + STEP_STRIDE * (batch.step + 1)
        )
        keep = plan.keeps[int(torch.randint(len(plan.keeps), (), generator=generator))]
        pixels = to_pixels(batch.images, device)
        size_hw = (int(pixels.shape[2]), int(pixels.shape[3]))
        targets = to_set_targets(to_targets(batch, device), size_hw)
        noisy = make_noisy(targets.known, targets.cxcywh_norm, texts, plan.noise, generator)
        self._network.encoder_keep = keep
        with torch.autocast(device.type, torch.bfloat16, device.type != "cpu"):
            found = self._network.predict_queries(pixels, noisy.queries if noisy else None)
        floor = self._config.loss.quality_floor
        floor *= max(0.0, 1 - images_done / max(self._config.schedule.warmup_images, 1))
        criterion = DetrCriterion(plan.weights, plan.costs, floor)
        return criterion(found, (self._network.text_head, texts), targets, keep, noisy)
