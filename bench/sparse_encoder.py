"""Cost and accuracy of the encoder of `ovdetr`, as Markdown: by share of tokens kept, and by form.

Example: python -m bench.sparse_encoder FOLDER --data DATA > sparse_encoder.md

FOLDER holds the weights of a trained `ovdetr`, DATA `annotations/coco_val2017_val.json` and
`images/`. Without FOLDER, an untrained network of the same shape is timed and nothing is scored.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.evaluation.coco_metrics import CocoScores
from ovd.evaluation.detection import detect_dataset, score_run
from ovd.evaluation.paraphrase import LiteralReader
from ovd.model import LoadOptions, load_detector
from ovd.model.detr.config import OvDetrConfig
from ovd.model.detr.network import OvDetr
from ovd.model.detr.tokens import PHASE
from ovd.model.networks import fill_network
from ovd.model.ovdense import use_channels_last
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from ovd.model.transformer.deformable import AttentionShape
from ovd.model.transformer.encoder import EncoderLayer, TokenMaps
from ovd.model.transformer.positions import cell_centres
from ovd.model.weights import WeightsRole, load_weights

KEEPS = (0.1, 0.2, 0.3, 0.5, 1.0)
SIZE = (320, 448)
SIZES = ((320, 448), (640, 896))
PLOT_SIZES = ((192, 256), (320, 448), (448, 640), (640, 896), (832, 1152))
REPEATS = 5
# Sparse DETR on COCO with ResNet-50, six encoder layers of width 256: AP and GFLOPs as published.
PUBLISHED = {0.1: (45.3, 105), 0.3: (46.0, 120), 0.5: (46.3, 136)}


@dataclass(frozen=True)
class KeepCost:
    """Cost of one image at one share of the tokens."""

    encoder_ms: float
    whole_ms: float
    gflops: float


@dataclass(frozen=True)
class LayerCost:
    """Cost of one encoder layer on one image.

    Attributes:
        ms: Time of running it.
        kept_mib: Tensors that it keeps for its gradient.
    """

    ms: float
    kept_mib: float


def count_gflops(run: Callable[[], object]) -> float:
    """Count the operations of matrix products, convolutions, attention and reading of points."""
    aten = torch.ops.aten

    def of_grid(x: Sequence[int], grid: Sequence[int], *_: object, **__: object) -> int:
        return 2 * 4 * x[0] * x[1] * grid[1] * grid[2]

    def of_bags(rows: Sequence[int], index: Sequence[int], *_: object, **__: object) -> int:
        return 2 * index[0] * rows[1]

    def of_attention(q: Sequence[int], k: Sequence[int], *_: object, **__: object) -> int:
        return 4 * q[0] * q[1] * q[2] * k[2] * q[3]

    rules: dict[Any, Callable[..., int]] = {
        aten.grid_sampler_2d: of_grid,
        aten._embedding_bag: of_bags,
        aten._embedding_bag_forward_only: of_bags,
        aten._scaled_dot_product_flash_attention_for_cpu: of_attention,
    }
    with torch.no_grad(), FlopCounterMode(display=False, custom_mapping=rules) as counter:
        run()
    return float(counter.get_total_flops()) / 1e9


def median_ms(run: Callable[[], object]) -> float:
    """Return the median processor time of a call in milliseconds, after one that warms up.

    With one thread it is the time on a machine that does nothing else.
    """
    run()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        run()
        times.append(1000 * (time.process_time() - start))
    return sorted(times)[REPEATS // 2]


def measure_keep(network: OvDetr, keep: float) -> KeepCost:
    """Measure a network at one share of the tokens."""
    network.encoder_keep = keep
    pixels = torch.rand((1, 3, *SIZE)) * 2 - 1
    pixels = pixels.contiguous(memory_format=torch.channels_last)
    seen: list[tuple[TokenMaps, Tensor | None]] = []
    handle = network.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    with torch.no_grad():
        network(pixels)
        handle.remove()
        encoder_ms = median_ms(lambda: network.encoder(*seen[0]))
        whole_ms = median_ms(lambda: network(pixels))
    return KeepCost(encoder_ms, whole_ms, count_gflops(lambda: network(pixels)))


def make_maps(size_hw: tuple[int, int], width: int) -> TokenMaps:
    """Make random tokens of strides 8 to 64."""
    sizes = tuple((size_hw[0] // stride, size_hw[1] // stride) for stride in (8, 16, 32, 64))
    centres = cell_centres(sizes, PHASE)
    tokens = torch.randn((1, len(centres), width))
    return TokenMaps(tokens, torch.randn((len(centres), width)), centres, sizes)


def measure_layer(size_hw: tuple[int, int], *, dense: bool) -> LayerCost:
    """Measure an encoder layer on the tokens of one image."""
    config = OvDetrConfig()
    shape = AttentionShape(config.width, config.heads, 4, config.points, PHASE)
    layer = EncoderLayer(shape, config.inner, dense=dense).eval()
    maps = make_maps(size_hw, config.width)
    kept: dict[int, int] = {}

    def remember(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
        layer(replace(maps, tokens=maps.tokens.requires_grad_()))
    with torch.no_grad():
        ms = median_ms(lambda: layer(maps))
    return LayerCost(ms, sum(kept.values()) / 2**20)


def score_keep(folder: Path, dataset: CocoDataset, keep: float) -> CocoScores:
    """Score a trained network at one share of the tokens."""
    run = RuntimeOptions(Runtime.EAGER, Precision.FLOAT32, threads=1, encoder_keep=keep)
    detector = load_detector("ovdetr", LoadOptions(folder, run=run))
    return score_run(detect_dataset(detector, LiteralReader(detector), dataset, dataset.names))


def load_network(folder: Path | None) -> OvDetr:
    """Load the network to be timed; without a folder an untrained one."""
    network: nn.Module = OvDetr(OvDetrConfig())
    if folder is not None:
        network = fill_network(load_weights(folder, "ovdetr", WeightsRole.NETWORK))
    if not isinstance(network, OvDetr):
        raise SystemExit(f"{folder} holds another network")
    use_channels_last(network)
    return network.eval().requires_grad_(False)


def print_keeps(folder: Path | None, dataset: CocoDataset | None, keeps: Sequence[float]) -> None:
    """Print the table by share of tokens kept."""
    network = load_network(folder)
    print(f"| tokens kept | AP | AP50 | encoder ms | whole ms, {SIZE[1]} x {SIZE[0]} | GFLOPs | "
          "published AP, GFLOPs |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for keep in keeps:
        cost = measure_keep(network, keep)
        scores = "- | -"
        if folder is not None and dataset is not None:
            found = score_keep(folder, dataset, keep)
            scores = f"{found.ap:.4f} | {found.ap50:.4f}"
        published = ", ".join(map(str, PUBLISHED.get(keep, ("-",))))
        print(f"| {keep:.0%} | {scores} | {cost.encoder_ms:.0f} | {cost.whole_ms:.0f} "
              f"| {cost.gflops:.2f} | {published} |", flush=True)  # fmt: skip


def print_forms() -> None:
    """Print dense against deformable attention."""
    print("\n| input | tokens | dense ms | deformable ms | dense MiB | deformable MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        dense, few = measure_layer(size, dense=True), measure_layer(size, dense=False)
        tokens = len(make_maps(size, 4).centres)
        print(f"| {size[1]} x {size[0]} | {tokens} | {dense.ms:.0f} | {few.ms:.0f} "
              f"| {dense.kept_mib:.0f} | {few.kept_mib:.0f} |", flush=True)  # fmt: skip


def draw_costs(path: Path) -> None:
    """Draw the time of an encoder layer over the number of tokens, as a PNG."""
    from matplotlib.figure import Figure

    tokens = [len(make_maps(size, 4).centres) for size in PLOT_SIZES]
    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.subplots()
    for dense, name in ((True, "dense"), (False, "deformable")):
        ms = [measure_layer(size, dense=dense).ms for size in PLOT_SIZES]
        axes.plot(tokens, ms, marker="o", label=name)
    axes.set_xlabel("tokens")
    axes.set_ylabel("ms of one encoder layer")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=80)


def main() -> None:
    """Print the tables, and draw the plot where one is asked for."""
    parser = argparse.ArgumentParser(description="The sparse encoder of ovdetr")
    parser.add_argument("folder", type=Path, nargs="?", help="weights folder of an ovdetr")
    parser.add_argument("--data", type=Path, help="folder of annotations and images")
    parser.add_argument("--images", type=int, default=0, help="score so many; 0 for all")
    parser.add_argument("--plot", type=Path, help="PNG of an encoder layer's time over tokens")
    given = parser.parse_args()
    torch.set_num_threads(1)
    dataset = None
    if given.data is not None:
        path = given.data / "annotations" / "coco_val2017_val.json"
        dataset = load_dataset(path, given.data / "images")
        if given.images:
            dataset = replace(dataset, images=dataset.images[: given.images])
    print_keeps(given.folder, dataset, KEEPS)
    print_forms()
    if given.plot is not None:
        draw_costs(given.plot)


if __name__ == "__main__":
    main()
