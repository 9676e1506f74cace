"""Training objectives: compute the losses of a network for a batch."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ovd.model.ovdense import DensePredictions, OvDense, make_points
from ovd.training.config import TrainConfig
from ovd.training.data.loader import TrainingBatch
from ovd.training.losses.assignment import PointGrid
from ovd.training.losses.criterion import BatchTargets, DenseCriterion, HeadSet, Losses, LossWeights
from ovd.training.teacher.distillation import (
    Proposals,
    distillation_loss,
    propose,
    select_distilled,
)
from ovd.training.teacher.labeller import Teacher
from ovd.training.text.caption_phrases import CaptionTargets, caption_loss

EmbedPhrases = Callable[[Sequence[str]], Tensor]


class Objective(Protocol):
    """Computes the losses of one student; every architecture has its own."""

    def __call__(self, batch: TrainingBatch, texts: Tensor, images_done: int) -> Losses:
        """Compute the losses of a batch.

        Args:
            batch: Images and their targets.
            texts: `(C, D)` unit-length embeddings of the batch's phrases, on the network's device.
            images_done: Number of images trained on before.
        """
        ...


class DenseObjective:
    """Losses of `OvDense` from labels, captions and distillation."""

    def __init__(
        self,
        config: TrainConfig,
        network: OvDense,
        embed: EmbedPhrases,
        teacher: Teacher | None = None,
    ) -> None:
        """Keep what the losses need.

        Args:
            config: The run.
            network: The student; it may move to another device later.
            embed: Makes `(P, D)` unit-length embeddings of phrases on the network's device.
            teacher: Teacher to distil from; none where its loss has no weight.
        """
        self._config = config
        self._network = network
        self._embed = embed
        self._teacher = teacher

    def __call__(self, batch: TrainingBatch, texts: Tensor, images_done: int) -> Losses:
        """Compute the losses of a batch; see `Objective`."""
        device = texts.device
        pixels = to_pixels(batch.images, device)
        network = self._network
        with torch.autocast(device.type, torch.bfloat16):
            predictions = network.predict_dense(pixels)
        heads = HeadSet(network.text_head, network.single_head, network.presence_head)
        points, strides = make_points((pixels.shape[2], pixels.shape[3]))
        grid = PointGrid(points.to(device), strides.to(device))
        criterion = DenseCriterion(self._loss_weights(images_done))
        losses = criterion(predictions, heads, texts, to_targets(batch, device), grid)
        if batch.captions.phrases:
            losses = losses.with_captions(self._caption_loss(batch.captions, predictions, heads))
        if self._teacher is not None:
            self._teacher.network.to(device)
            asked = select_distilled(self._teacher, batch.exhaustive, self._config.distill)
            if asked:
                proposals = propose(self._teacher, pixels, asked, self._config.distill)
                losses = losses.with_distill(self._distill_loss(proposals, predictions, grid))
        return losses

    def _distill_loss(
        self, proposals: Proposals, predictions: DensePredictions, grid: PointGrid
    ) -> Tensor:
        with torch.no_grad():
            texts = self._embed(proposals.names)
        head, config = self._network.text_head, self._config.distill
        loss = distillation_loss(predictions, head, texts, proposals, grid, config)
        return self._config.loss.distill * loss

    def _caption_loss(
        self, captions: CaptionTargets, predictions: DensePredictions, heads: HeadSet
    ) -> Tensor:
        texts = self._embed(captions.phrases)
        loss = caption_loss(
            predictions, heads, texts, captions, self._config.captions.absent_weight
        )
        return self._config.loss.captions * loss

    def _loss_weights(self, images_done: int) -> LossWeights:
        loss, schedule = self._config.loss, self._config.schedule
        is_single = images_done >= schedule.single_from * schedule.images
        return LossWeights(
            box=loss.box,
            single=loss.single if is_single else 0.0,
            presence=loss.presence,
            quality_floor=loss.quality_floor * max(0.0, 1 - images_done / schedule.warmup_images),
        )


def to_pixels(images: Tensor, device: torch.device) -> Tensor:
    """Scale `(B, 3, H, W)` uint8 RGB to float32 in [-1, 1]; memory stays channels last."""
    return images.to(device).float().div_(127.5).sub_(1.0)


def to_targets(batch: TrainingBatch, device: torch.device) -> BatchTargets:
    """Join the targets of a batch's images as tensors on a device."""
    counts = torch.tensor([len(boxes) for boxes in batch.boxes])
    phrases = batch.targets
    arrays = {
        "xyxy": np.concatenate([boxes.xyxy for boxes in batch.boxes]),
        "soft_score": np.concatenate([boxes.soft_score for boxes in batch.boxes]),
        "is_ignored": np.concatenate([boxes.ignore for boxes in batch.boxes]),
        "match": np.concatenate(phrases.match),
        "ignore": np.concatenate(phrases.ignore),
        "negative": phrases.negative * phrases.weight,
        "small_uncertain": phrases.small_uncertain,
    }
    return BatchTargets(
        image=torch.repeat_interleave(torch.arange(len(counts)), counts).to(device),
        **{name: torch.from_numpy(array).to(device) for name, array in arrays.items()},
    )
