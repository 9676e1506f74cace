"""Start `OvGhost` from the arrays of a trained NanoDet-Plus-m, so that it knows 80 names at once.

Backbone, neck and towers are copied; the rows that gave the logits of the 80 names are expressed
in the text space, without loss. Everything is trained further afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ovd.errors import WeightsError
from ovd.model.ghost.backbone import STAGE_UNITS
from ovd.model.ghost.network import BINS, STRIDES, OvGhost

RIDGE = 1e-3
# Blue, green, red: what NanoDet subtracts from a pixel and multiplies it with.
MEAN = (103.53, 116.28, 123.675)
SCALE = (0.017429, 0.017507, 0.017125)
HALF_RANGE = 127.5
FIRST_DEPTHWISE = 162
NECK = {
    "reduce.0": "convrelu_39", "reduce.1": "convrelu_37", "reduce.2": "convrelu_36",
    "downsample.0.0": "convdwrelu_2", "downsample.0.1": "convrelu_41",
    "downsample.1.0": "convdwrelu_4", "downsample.1.1": "convrelu_43",
    "extra_in.0": "convdwrelu_6", "extra_in.1": "convrelu_46",
    "extra_out.0": "convdwrelu_7", "extra_out.1": "convrelu_45",
}  # fmt: skip
GHOST_PARTS = (
    "first.primary", "first.cheap", "second.primary", "second.cheap", "shortcut.0", "shortcut.1"
)  # fmt: skip
GHOST_BLOCKS = {
    "top_down.0": ("convrelu_38", "convdwrelu_0", "conv_56", "convdw_182", "convdw_183", "conv_57"),
    "top_down.1": ("convrelu_40", "convdwrelu_1", "conv_59", "convdw_185", "convdw_186", "conv_60"),
    "bottom_up.0": (
        "convrelu_42", "convdwrelu_3", "conv_63", "convdw_189", "convdw_190", "conv_64"
    ),
    "bottom_up.1": (
        "convrelu_44", "convdwrelu_5", "conv_67", "convdw_193", "convdw_194", "conv_68"
    ),
}  # fmt: skip
TOWERS = (
    ("convdwrelu_8", "convrelu_47", "convdwrelu_9", "convrelu_54"),
    ("convdwrelu_10", "convrelu_48", "convdwrelu_11", "convrelu_53"),
    ("convdwrelu_12", "convrelu_49", "convdwrelu_13", "convrelu_52"),
    ("convdwrelu_14", "convrelu_50", "convdwrelu_15", "convrelu_51"),
)
OUTPUTS = ("conv_73", "conv_76", "conv_79", "conv_82")

# In the order of the class outputs.
COCO_NAMES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich",
    "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote",
    "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book",
    "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip

Arrays = Mapping[str, NDArray[np.generic]]


def load_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read the arrays of a NanoDet-Plus-m from an `.npz`.

    Raises:
        WeightsError: If the file is missing or none; the message says how to do without.
    """
    try:
        with np.load(path, allow_pickle=False) as table:
            return {name: table[name] for name in table.files}
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"cannot read the arrays of a NanoDet-Plus-m at {path}: {error}; copy "
            "nanodet_plus_m_coco.npz there, or empty model.arrays to start from noise"
        ) from error


def start_from_arrays(
    network: OvGhost, arrays: Arrays, known_text_embeds: Tensor, hold_out: Set[str] = frozenset()
) -> None:
    """Set the weights of `network` in place.

    Args:
        network: Freshly made, of the teacher's width.
        arrays: `NAME:weight` and `NAME:bias` of its convolutions.
        known_text_embeds: `(K, D)` unit-length embeddings of the K names of its class outputs, in
            their order.
        hold_out: Names whose class outputs are left out.

    Raises:
        WeightsError: If an array is missing or of another shape.
    """
    try:
        with torch.no_grad():
            for name, source in _copied():
                conv = network.get_submodule(f"{name}.conv")
                _fill(conv, _tensor(arrays, source, "weight"), _tensor(arrays, source, "bias"))
            _read_rgb(network.backbone.stem.conv)
            kept = [i for i, name in enumerate(COCO_NAMES) if name not in hold_out]
            _set_outputs(network, arrays, known_text_embeds, kept)
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"these are not the arrays of a NanoDet-Plus-m: {error}") from error


def _copied() -> Iterator[tuple[str, str]]:
    """Pairs of a module of ours and the array it starts from."""
    yield "backbone.stem", "convrelu_0"
    relu, depthwise = 0, FIRST_DEPTHWISE
    for stage, units in enumerate(STAGE_UNITS):
        at = f"backbone.stages.{stage}"
        yield f"{at}.0.short.0", f"convdw_{depthwise}"
        yield f"{at}.0.short.1", f"convrelu_{relu + 3}"
        yield f"{at}.0.long.0", f"convrelu_{relu + 1}"
        yield f"{at}.0.long.1", f"convdw_{depthwise + 1}"
        yield f"{at}.0.long.2", f"convrelu_{relu + 2}"
        relu, depthwise = relu + 3, depthwise + 2
        for unit in range(1, units):
            yield f"{at}.{unit}.long.0", f"convrelu_{relu + 1}"
            yield f"{at}.{unit}.long.1", f"convdw_{depthwise}"
            yield f"{at}.{unit}.long.2", f"convrelu_{relu + 2}"
            relu, depthwise = relu + 2, depthwise + 1
    yield from ((f"neck.{ours}", theirs) for ours, theirs in NECK.items())
    for block, sources in GHOST_BLOCKS.items():
        yield from (
            (f"neck.{block}.{part}", source)
            for part, source in zip(GHOST_PARTS, sources, strict=True)
        )
    for level, tower in enumerate(TOWERS):
        yield from ((f"head.towers.{level}.{i}", source) for i, source in enumerate(tower))


def _fill(conv: nn.Module, weight: Tensor, bias: Tensor) -> None:
    conv.get_parameter("weight").copy_(weight)
    conv.get_parameter("bias").copy_(bias)


def _tensor(arrays: Arrays, source: str, kind: str) -> Tensor:
    return torch.from_numpy(arrays[f"{source}:{kind}"].astype(np.float32))


def _read_rgb(stem: nn.Conv2d) -> None:
    """Let the first convolution read RGB in [-1, 1] instead of normalised BGR."""
    mean, scale = torch.tensor(MEAN), torch.tensor(SCALE)
    by_colour = stem.weight.sum(dim=(2, 3))
    stem.get_parameter("bias").add_(by_colour @ (scale * (HALF_RANGE - mean)))
    stem.weight.copy_((stem.weight * (scale * HALF_RANGE)[:, None, None]).flip(1))


def _set_outputs(network: OvGhost, arrays: Arrays, texts: Tensor, kept: Sequence[int]) -> None:
    """Express the kept class rows in the text space, all with one bias; copy those of the boxes."""
    names = len(texts)
    weights = [_tensor(arrays, source, "weight") for source in OUTPUTS]
    biases = [_tensor(arrays, source, "bias") for source in OUTPUTS]
    if len(weights[0]) != names + 4 * BINS:
        raise RuntimeError(f"wanted {names + 4 * BINS} outputs, got {len(weights[0])}")
    text_map = right_inverse(texts[kept])
    bias = torch.stack([b[kept] for b in biases]).mean()
    network.text_head.bias.copy_(bias)
    network.text_head.log_scale.zero_()
    for level in range(len(STRIDES)):
        weight, offset = weights[level].flatten(1), biases[level]
        classes = text_map @ weight[kept], text_map @ (offset[kept] - bias)
        _fill(network.head.embeds[level], classes[0][:, :, None, None], classes[1])
        _fill(network.head.bins[level], weights[level][names:], offset[names:])


def right_inverse(texts: Tensor) -> Tensor:
    """Return `(D, K)` R with `T R` near the identity for `(K, D)` texts T, hardly damped."""
    known = texts.double()
    gram = known @ known.T + RIDGE * torch.eye(len(known), dtype=torch.float64)
    inverse: Tensor = known.T @ torch.linalg.inv(gram)
    return inverse.float()
