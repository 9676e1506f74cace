"""Read what a frozen network sees in augmented training images, to fit names to it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ovd.model.backends import ovdense
from ovd.model.backends.ovdense import PREFIX
from ovd.model.networks import Network
from ovd.model.weights import WeightsRole, load_weights
from ovd.training.data.loader import BatchMaker, LoaderConfig
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.engine.objective import to_pixels, to_targets
from ovd.training.text.name_fit import (
    DenseRegions,
    LabelledRegions,
    LogitScale,
    NameFitConfig,
    label_regions,
    select_names,
)


class DetectorSizes(LoaderConfig):
    """Makes batches of the sizes that the detector uses."""

    @property
    def sizes_hw(self) -> tuple[tuple[int, int], ...]:
        """See `LoaderConfig`."""
        return ovdense.INPUT_SIZES


def uncalibrated_scale(weights_dir: Path) -> LogitScale:
    """Return the scale that the network was trained with, before its scores were calibrated.

    Raises:
        WeightsError: If the network's file is missing or damaged.
    """
    entry = load_weights(weights_dir, ovdense.NAME, WeightsRole.NETWORK).entry
    tensors, facts = read_tensors(weights_dir / entry.file)
    calibration = facts.get("calibration")
    fit = calibration if isinstance(calibration, dict) else {"slope": 1.0, "offset": 0.0}
    slope, offset = float(fit["slope"]), float(fit["offset"])
    factor = tensors[PREFIX + "text_head.log_scale"].float().exp().item()
    bias = tensors[PREFIX + "text_head.bias"].item()
    return LogitScale(factor / slope, (bias - offset) / slope)


def read_regions(
    network: Network,
    maker: BatchMaker,
    steps: range,
    columns: Sequence[int],
    texts: tuple[Tensor, LogitScale],
    fit: NameFitConfig,
) -> Iterator[LabelledRegions]:
    """Yield the regions of each image of some batches, and what they should be called.

    Args:
        network: The frozen network, as its detector runs it.
        maker: Makes the batches, of `DetectorSizes`.
        steps: Numbers of the batches.
        columns: Positions of the names among what the batches ask for.
        texts: `(C, D)` embeddings of the names and their scale, to find what is mistaken.
        fit: How many regions to take.
    """
    cpu = torch.device("cpu")
    for batch in (maker[step] for step in steps):
        pixels = to_pixels(batch.images, cpu)
        height, width = pixels.shape[2:]
        with torch.inference_mode():
            found = network(pixels)
        xyxy = found.xyxy_norm * torch.tensor([width, height, width, height])
        targets = select_names(to_targets(batch, cpu), list(columns))
        regions = DenseRegions(found.region_embeds, xyxy, (height, width))
        yield from label_regions(regions, texts, targets, fit)
