"""Students: the networks that can be trained, where each starts and what it learns from."""

from copy import deepcopy
from pathlib import Path

import torch

from ovd.model.detr.network import OvDetr
from ovd.model.ghost.network import GhostConfig, OvGhost
from ovd.model.networks import Network
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.text.adapter import TextAdapter
from ovd.training.config import TrainConfig
from ovd.training.data.loader import BatchMaker
from ovd.training.detr.objective import DetrObjective
from ovd.training.detr.start import start_from_dense
from ovd.training.engine.checkpoint import average_into, load_weights
from ovd.training.engine.objective import DenseObjective, EmbedPhrases, Objective, to_pixels
from ovd.training.engine.trainer import TextInputs
from ovd.training.engine.warm_start import forget_names, load_ssd, start_from_ssd
from ovd.training.packaging.export import undo_calibration
from ovd.training.student.objective import GhostObjective, load_configured_origin
from ovd.training.student.start import COCO_NAMES, load_arrays, start_from_arrays
from ovd.training.teacher.labeller import Teacher
from ovd.training.text.text_space import fit_adapter

START_BATCHES = 3


def make_student(config: TrainConfig) -> Network:
    """Make the network that a configuration names, not started yet."""
    model = config.model
    if model.student == "ovghost":
        return OvGhost(GhostConfig(embed_dim=model.embed_dim))
    if model.student == "ovdetr":
        return OvDetr(config.detr.shape(model.width, model.embed_dim))
    return OvDense(OvDenseConfig(model.width, model.embed_dim))


def build_objective(
    config: TrainConfig, network: Network, embed: EmbedPhrases, teacher: Teacher | None
) -> Objective:
    """Build what computes the losses of a student.

    Args:
        config: The run.
        network: The student.
        embed: Makes `(P, D)` unit-length embeddings of phrases on the network's device.
        teacher: SSD to distil from; none where its loss has no weight.
    """
    if isinstance(network, OvGhost):
        return GhostObjective(config, network, embed, load_configured_origin(config))
    if isinstance(network, OvDetr):
        return DetrObjective(config, network)
    return DenseObjective(config, network, embed, teacher)


def start_student(
    config: TrainConfig,
    network: Network,
    adapter: TextAdapter,
    texts: TextInputs,
    maker: BatchMaker,
) -> None:
    """Initialise the weights of network and adapter.

    Args:
        config: The run.
        network: The student.
        adapter: The trainable end of the text tower.
        texts: Sentence features and text anchors.
        maker: Makes the batches of the run, to scale layers by.

    Raises:
        WeightsError: If something to start from cannot be read or does not fit.
    """
    model = config.model
    if model.resume_weights:
        _resume(model.resume_weights, network, adapter)
        if model.average_with:
            others = deepcopy(network), deepcopy(adapter)
            _resume(model.average_with, *others)
            average_into(network, others[0], model.average_share)
            average_into(adapter, others[1], model.average_share)
        return
    if model.adapter:
        load_weights(Path(model.adapter), {"adapter": adapter})
    elif texts.anchors is not None:
        fit_adapter(adapter, texts.anchors, config.schedule.seed)
    if isinstance(network, OvGhost):
        _start_ghost(config, network, adapter, texts)
    elif isinstance(network, OvDetr):
        if config.detr.start:
            start_from_dense(network, Path(config.detr.start))
    elif model.teacher:
        _start_dense(config, network, adapter, texts, maker)


def _start_dense(
    config: TrainConfig,
    network: OvDense,
    adapter: TextAdapter,
    texts: TextInputs,
    maker: BatchMaker,
) -> None:
    """Start the dense network from the SSD."""
    ssd, names = forget_names(*load_ssd(Path(config.model.teacher)), config.data.hold_out)
    with torch.no_grad():
        known = adapter(texts.encoder.encode(names))
    pixels = [to_pixels(maker[i].images, torch.device("cpu")) for i in range(START_BATCHES)]
    start_from_ssd(network, ssd, known, pixels)


def _start_ghost(
    config: TrainConfig, network: OvGhost, adapter: TextAdapter, texts: TextInputs
) -> None:
    """Give the ghost network the arrays that it starts from, if there are any."""
    if config.model.arrays:
        arrays = load_arrays(Path(config.model.arrays))
        with torch.no_grad():
            known = adapter(texts.encoder.encode(COCO_NAMES))
        start_from_arrays(network, arrays, known, frozenset(config.data.hold_out))


def _resume(weights: str, network: Network, adapter: TextAdapter) -> None:
    facts = load_weights(Path(weights), {"network": network, "adapter": adapter})
    undo_calibration(network, facts)
