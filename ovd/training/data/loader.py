"""Batches for training from worker processes; each follows from a seed and its number alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from ovd.errors import SettingsError
from ovd.training.data.augment import AugmentConfig, compose, flip
from ovd.training.data.camera_effects import CameraEffects
from ovd.training.data.dataset import TrainingData
from ovd.training.data.examples import Boxes, Example
from ovd.training.text.caption_phrases import CaptionSampler, CaptionTargets
from ovd.training.text.phrases import PhraseSampler, PhraseTargets

SIZE_STEP_PX = 64
MAX_SIDE_PX = 1024


@dataclass(frozen=True)
class LoaderConfig:
    """Configure how batches are made.

    Attributes:
        batch_size: Images per batch.
        seed: With the number of the batch it determines everything random.
        min_side_px: Smallest side of a batch's canvas.
        max_side_px: Largest side.
        max_area_px: Largest area, which bounds the time and memory of a step.
        workers: Worker processes; 0 makes batches in the calling process.
        prefetch: Batches that each worker prepares ahead.
    """

    batch_size: int = 16
    seed: int = 0
    min_side_px: int = 320
    max_side_px: int = 512
    max_area_px: int = 512 * 512
    workers: int = 1
    prefetch: int = 3

    def __post_init__(self) -> None:
        low, high = self.min_side_px, self.max_side_px
        if not SIZE_STEP_PX <= low <= high <= MAX_SIDE_PX or low % SIZE_STEP_PX:
            raise SettingsError(
                f"min_side_px and max_side_px must rise from {SIZE_STEP_PX} to {MAX_SIDE_PX} and "
                f"min_side_px be a multiple of {SIZE_STEP_PX}, got {low} and {high}"
            )
        if low * low > self.max_area_px or self.batch_size < 1:
            raise SettingsError(
                f"batch_size {self.batch_size} must be at least 1 and max_area_px "
                f"{self.max_area_px} at least {low * low}, the smallest canvas"
            )

    @property
    def sizes_hw(self) -> tuple[tuple[int, int], ...]:
        """Return every canvas size of a batch: up to 16:9 in landscape and 4:5 in portrait."""
        sides = range(self.min_side_px, self.max_side_px + 1, SIZE_STEP_PX)
        return tuple(
            (height, width)
            for height in sides
            for width in sides
            if height * width <= self.max_area_px and 0.8 <= width / height <= 1.8
        )


@dataclass(frozen=True, eq=False)
class TrainingBatch:
    """One batch.

    Attributes:
        step: Its number, from 0.
        images: `(B, 3, H, W)` uint8 RGB, in channels-last memory order.
        boxes: Objects per image, in pixels of the batch's canvas.
        targets: Phrases and their targets.
        file_names: First image of each canvas, for messages.
        exhaustive: Per image, the names of which every object is boxed.
        captions: Phrases of captions, and which images' captions mention them.
    """

    step: int
    images: torch.Tensor
    boxes: tuple[Boxes, ...]
    targets: PhraseTargets
    file_names: tuple[str, ...]
    exhaustive: tuple[frozenset[str], ...]
    captions: CaptionTargets


class BatchMaker(Dataset[TrainingBatch]):
    """Makes batch number `step`, always the same for the same seed, data and configuration."""

    def __init__(
        self,
        data: TrainingData,
        sampler: PhraseSampler,
        config: LoaderConfig | None = None,
        augment: AugmentConfig | None = None,
        captions: CaptionSampler | None = None,
    ) -> None:
        """Keep the parts; batches are made on request."""
        self._data = data
        self._sampler = sampler
        self._config = config or LoaderConfig()
        self._augment = augment or AugmentConfig()
        self._captions = captions or CaptionSampler()
        self._camera_effects = CameraEffects(self._augment, MAX_SIDE_PX)
        self._epoch = -1
        self._order: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    @property
    def data(self) -> TrainingData:
        """Return what batches are made of."""
        return self._data

    def __getitem__(self, step: int) -> TrainingBatch:
        """Return batch number `step`.

        Raises:
            DatasetError: If an image that did not fit the cache cannot be decoded.
        """
        config = self._config
        rng = np.random.default_rng((config.seed, step))
        size_hw = config.sizes_hw[rng.integers(len(config.sizes_hw))]
        examples = [
            self._make_example(self._index(step * config.batch_size + position), size_hw, rng)
            for position in range(config.batch_size)
        ]
        targets = self._sampler.sample(examples, rng)
        stacked = torch.from_numpy(np.stack([example.image for example in examples]))
        return TrainingBatch(
            step,
            stacked.permute(0, 3, 1, 2),
            tuple(example.boxes for example in examples),
            targets,
            tuple(example.file_name for example in examples),
            tuple(example.exhaustive for example in examples),
            self._captions.sample(examples, rng),
        )

    def _index(self, position: int) -> int:
        """Return the index of the image drawn at a position counted from the start of training."""
        epoch, offset = divmod(position, len(self._data))
        if epoch != self._epoch:
            self._epoch, self._order = (
                epoch,
                epoch_order(self._data.weights, (self._config.seed, 1, epoch)),
            )
        return int(self._order[offset])

    def _make_example(
        self, index: int, size_hw: tuple[int, int], rng: np.random.Generator
    ) -> Example:
        indices = [index]
        if rng.random() < self._augment.mosaic:
            indices += rng.choice(self._data.partners(index), 3).tolist()
        composed = compose([self._data.example(i) for i in indices], size_hw, self._augment, rng)
        if rng.random() < self._augment.flip:
            composed = flip(composed)
        return self._camera_effects(composed, rng)


def epoch_order(weights: NDArray[np.float64], seed: Sequence[int]) -> NDArray[np.intp]:
    """Draw as many images as there are, each in proportion to its weight, give or take one.

    Args:
        weights: `(I,)` how often to draw, relative to the others.
        seed: Seed of the epoch.

    Returns:
        `(I,)` shuffled indices of images.
    """
    rng = np.random.default_rng(tuple(seed))
    shuffled = rng.permutation(len(weights))
    ends = np.cumsum(weights[shuffled]) / weights.sum() * len(weights)
    picks = np.searchsorted(ends, np.arange(len(weights)) + rng.random(), side="right")
    order = shuffled[np.minimum(picks, len(weights) - 1)]
    rng.shuffle(order)
    return np.asarray(order, dtype=np.intp)


def load_batches(maker: BatchMaker, config: LoaderConfig, steps: range) -> Iterator[TrainingBatch]:
    """Yield the batches of the given steps; `range(n, total)` resumes exactly after step n - 1.

    Args:
        maker: Makes them; its data must be loaded before, so that workers share it.
        config: The configuration that `maker` was built with.
        steps: Numbers of the batches.
    """
    cv2.setNumThreads(0)
    loader: DataLoader[TrainingBatch] = DataLoader(
        maker,
        batch_size=None,
        sampler=steps,
        num_workers=config.workers,
        prefetch_factor=config.prefetch if config.workers else None,
        multiprocessing_context="fork" if config.workers else None,
        worker_init_fn=_use_one_thread,
    )
    yield from loader


def _use_one_thread(worker: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
