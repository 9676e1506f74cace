"""Fit names to the network of the default detector, and put their embeddings into its table.

    python weights/fit_names.py configs/ovdense_names.toml configs/ovdense_names_wide.toml

Each configuration is one of `ovd train`, of which data, phrases, augment and of the schedule
images, batch and seed are read. The network stays as it is, so nothing that is found by other
words changes. Run it again whenever the network changes.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from ovd.model.backends.ovdense import NAME
from ovd.model.networks import build_network
from ovd.model.text.compact_tower import load_own_tower
from ovd.model.weights import WeightsRole, file_sha256, load_weights
from ovd.training.data.loader import BatchMaker
from ovd.training.engine.run import load_run_config, load_run_data
from ovd.training.packaging.fitted_table import write_fitted_table
from ovd.training.text.name_fit import (
    LabelledRegions,
    LogitScale,
    NameFitConfig,
    fit_names,
    join_regions,
)
from ovd.training.text.name_regions import DetectorSizes, read_regions, uncalibrated_scale
from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.phrases import NameSampler

# New names, and those that have more labels now or were shown too rarely.
NAMES = (
    "forklift", "pallet", "conveyor belt", "license plate", "trash can", "overflowing trash can",
    "garbage", "safety helmet", "safety vest", "bus", "truck", "motorcycle", "bicycle",
    "auto rickshaw", "cycle rickshaw", "pickup truck", "van",
)  # fmt: skip

ENTRY = re.compile(r'file = "(?P<file>[^"]+)"\nrole = "text_embeddings"\n(?:[^\[\n].*\n)*')


def main() -> int:
    """Fit the names, write the table and renew its entry in the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configs", type=Path, nargs="+")
    options = parser.parse_args()
    torch.manual_seed(0)
    here = Path(__file__).parent
    network = load_weights(here, NAME, WeightsRole.NETWORK)
    words = load_own_tower(here, network, "")
    start = torch.from_numpy(words.embed(NAMES))
    scale = uncalibrated_scale(here)
    fit = NameFitConfig()
    parts = (read_run(path, here, (start, scale), fit) for path in options.configs)
    regions = join_regions(chain.from_iterable(parts))
    embeds, losses = fit_names(regions, start, scale, fit)
    sys.stdout.write(f"{len(regions)} regions; loss {losses[0]:.3f} to {losses[-1]:.3f}\n")
    fitted = dict(zip(NAMES, embeds.numpy(), strict=True))
    renew_entry(here, write_fitted_table(here, fitted, words, load_phrasebook()))
    return 0


def read_run(
    config_path: Path, folder: Path, texts: tuple[Tensor, LogitScale], fit: NameFitConfig
) -> Iterator[LabelledRegions]:
    """Yield what the network sees in the images of a configuration, with its labels."""
    config = load_run_config(config_path)
    data, _ = load_run_data(config)
    sampler = NameSampler(load_phrasebook(), data.names, config.phrases)
    columns = [sampler.asked.index(name) for name in NAMES]
    schedule = config.schedule
    loader = DetectorSizes(batch_size=schedule.batch, seed=schedule.seed)
    maker = BatchMaker(data, sampler, loader, config.augment)
    network = build_network(load_weights(folder, NAME, WeightsRole.NETWORK))
    steps = range(schedule.images // schedule.batch)
    yield from read_regions(network, maker, steps, columns, texts, fit)


def renew_entry(folder: Path, table: Path) -> None:
    """Write size and checksum of a table into the manifest."""
    manifest = folder / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    entry = next(found for found in ENTRY.finditer(text) if found["file"] == table.name).group()
    renewed = re.sub(r'sha256 = "[^"]*"', f'sha256 = "{file_sha256(table)}"', entry)
    renewed = re.sub(r"size = \d+", f"size = {table.stat().st_size}", renewed)
    manifest.write_text(text.replace(entry, renewed), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
