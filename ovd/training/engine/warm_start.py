"""Start `OvDense` from a trained SSD so that it knows the SSD's classes before its first step.

The backbone is copied. The neck's laterals become an orthonormal basis of the subspace of the
backbone's maps that the SSD's predictors read, and the linear shortcuts of the class branches
become the SSD's class predictors, averaged over the anchors of a cell and expressed in that basis
and in the text space. What remains to be learned is where boxes end, small objects, new words.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ovd.errors import WeightsError
from ovd.model.ovdense import EmbedBranch, OvDense
from ovd.model.ovssd import OvSsd, OvSsdConfig, Predictor
from ovd.training.engine.checkpoint import read_tensors

RIDGE = 0.3


def start_from_ssd(
    network: OvDense, ssd: OvSsd, known_text_embeds: Tensor, batches: Sequence[Tensor]
) -> None:
    """Initialise the weights of `network` from an SSD, in place.

    Args:
        network: Freshly made.
        ssd: The teacher; its region embeddings are the logits of K known names.
        known_text_embeds: `(K, D)` unit-length embeddings of those names by the text tower that
            the network will be trained with.
        batches: `(B, 3, H, W)` training pixels in [-1, 1], to scale the laterals by.
    """
    network.backbone.load_state_dict(ssd.backbone.state_dict())
    network.coarsest.load_state_dict(ssd.extras[0].state_dict())
    class_weights = []
    laterals = [conv for conv in network.neck.laterals if isinstance(conv, nn.Conv2d)]
    predictors = [item for item in ssd.predictors if isinstance(item, Predictor)]
    with torch.no_grad():
        nn.init.orthogonal_(laterals[0].weight)
        nn.init.zeros_(laterals[0].get_parameter("bias"))
        for lateral, predictor in zip(laterals[1:], predictors, strict=False):
            class_weights.append(_set_lateral(lateral, predictor, ssd.config.region_dim))
        deviations = _standardise(network, laterals, batches)
        text_map = _right_inverse(known_text_embeds)
        for branch in (network.many, network.single):
            for level, weight in enumerate(class_weights):
                _set_shortcut(branch, level, text_map @ (weight * deviations[level + 1]))


def load_ssd(path: Path) -> tuple[OvSsd, tuple[str, ...]]:
    """Load an SSD and the names of its classes.

    Raises:
        WeightsError: If the file is missing, damaged or no SSD.
    """
    tensors, facts = read_tensors(path)
    names = facts.get("names")
    if not isinstance(names, list) or not names:
        raise WeightsError(f"{path} does not say which names its SSD knows")
    ssd = OvSsd(OvSsdConfig(region_dim=len(names)))
    try:
        ssd.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path} holds no SSD of {len(names)} names: {error}") from error
    return ssd.eval().requires_grad_(False), tuple(str(name) for name in names)


def forget_names(
    ssd: OvSsd, names: Sequence[str], forgotten: Collection[str]
) -> tuple[OvSsd, tuple[str, ...]]:
    """Return a teacher without some of its class outputs, to hold their names out of a run.

    Its backbone has been trained on these classes all the same.

    Returns:
        The teacher and the names that it still knows.
    """
    kept = [index for index, name in enumerate(names) if name not in forgotten]
    state = {
        key: _keep_outputs(tensor, len(names), kept) if ".regions." in key else tensor
        for key, tensor in ssd.state_dict().items()
    }
    smaller = OvSsd(OvSsdConfig(region_dim=len(kept)))
    smaller.load_state_dict(state)
    return smaller.eval().requires_grad_(False), tuple(names[index] for index in kept)


def _keep_outputs(tensor: Tensor, names: int, kept: Sequence[int]) -> Tensor:
    """Select names in each anchor's outputs `(anchors * names, ...)`."""
    by_anchor = tensor.reshape(-1, names, *tensor.shape[1:])
    return by_anchor[:, list(kept)].flatten(0, 1)


def _set_lateral(lateral: nn.Conv2d, predictor: Predictor, names: int) -> Tensor:
    """Set a lateral to the inputs of a predictor; return its mean class map `(K, width)`."""
    kernels = predictor.regions.weight.double()
    mean_kernels = kernels.reshape(-1, names, kernels[0].numel()).mean(dim=0)
    classes = torch.linalg.svd(mean_kernels, full_matrices=False).Vh
    everything = torch.cat((kernels, predictor.boxes.weight.double())).flatten(1)
    rest = everything - everything @ classes.T @ classes
    others = torch.linalg.svd(rest, full_matrices=False).Vh
    basis = torch.cat((classes, others))[: lateral.out_channels]
    lateral.weight.copy_(basis.reshape(lateral.weight.shape))
    nn.init.zeros_(lateral.get_parameter("bias"))
    return (mean_kernels @ basis.T).float()


def _standardise(
    network: OvDense, laterals: Sequence[nn.Conv2d], batches: Sequence[Tensor]
) -> list[Tensor]:
    """Scale the laterals to mean 0 and deviation 1; return their deviations, per level."""
    outputs: list[list[Tensor]] = [[] for _ in laterals]
    for pixels in batches:
        maps = network.feature_maps(pixels)
        for found, lateral, x in zip(outputs, laterals, maps, strict=True):
            found.append(lateral(x).transpose(0, 1).flatten(1))
    deviations = []
    for found, lateral in zip(outputs, laterals, strict=True):
        values = torch.cat(found, dim=1)
        mean, deviation = values.mean(dim=1), values.std(dim=1).clamp(min=1e-3)
        lateral.weight.div_(deviation[:, None, None, None])
        lateral.get_parameter("bias").sub_(mean).div_(deviation)
        deviations.append(deviation)
    return deviations


def _right_inverse(known_text_embeds: Tensor) -> Tensor:
    """Return a `(D, K)` map R with `T R` near the identity, damped to keep its columns short."""
    texts = known_text_embeds.double()
    damped = texts @ texts.T + RIDGE * torch.eye(len(texts), dtype=torch.float64)
    inverse: Tensor = texts.T @ torch.linalg.inv(damped)
    return inverse.float()


def _set_shortcut(branch: EmbedBranch, level: int, weight: Tensor) -> None:
    shortcut = branch.shortcuts[level]
    shortcut.get_parameter("weight").copy_(weight[:, :, None, None])
    nn.init.zeros_(shortcut.get_parameter("bias"))
