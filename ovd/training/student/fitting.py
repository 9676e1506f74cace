"""Fit the last layer of the ghost network to a run's data, before the run's first step."""

import torch

from ovd.errors import SettingsError
from ovd.model.ghost.network import OvGhost
from ovd.training.config import TrainConfig
from ovd.training.data.dataset import TrainingData
from ovd.training.data.loader import BatchMaker, LoaderConfig
from ovd.training.engine.objective import EmbedPhrases, to_pixels, to_targets
from ovd.training.student.last_layer import PointFeatures, fit_last_layer, join_points, read_points
from ovd.training.student.objective import load_configured_origin
from ovd.training.student.origin import Origin, find_sure_points, select_names
from ovd.training.text.phrasebook import Phrasebook
from ovd.training.text.phrases import NameSampler


def fit_to_data(
    config: TrainConfig,
    network: OvGhost,
    data: TrainingData,
    embed: EmbedPhrases,
    texts: tuple[Phrasebook, LoaderConfig],
) -> list[float]:
    """Fit the last layer of a network in place, on as many images as the configuration says.

    Args:
        config: The run; its distillation must be set, or COCO's names would be forgotten.
        network: The student, on the CPU.
        data: What to learn from.
        embed: Makes unit-length embeddings of phrases.
        texts: Wordings of the names, and how batches are made.

    Returns:
        Losses of the steps.

    Raises:
        SettingsError: If nothing is distilled.
        WeightsError: If what is distilled cannot be read.
    """
    book, loader = texts
    origin = load_configured_origin(config)
    if origin is None:
        raise SettingsError("last_layer.images is above 0 and needs loss.distill above 0")
    sampler = NameSampler(book, data.names, config.phrases, frozenset(config.data.hold_out))
    maker = BatchMaker(data, sampler, loader, config.augment)
    network.eval()
    with torch.no_grad():
        points = _read(config, network, maker, embed, origin)
        wordings = [embed(book.wordings(name)) for name in sampler.asked]
    known = [i for i, name in enumerate(origin.names) if name in sampler.asked]
    columns = torch.tensor([sampler.asked.index(origin.names[i]) for i in known])
    points = PointFeatures(
        points.level, points.tower, points.fresh, points.target, points.weight,
        points.origin[:, known],
    )  # fmt: skip
    return fit_last_layer(network, points, wordings, columns, config.last_layer)


def _read(
    config: TrainConfig, network: OvGhost, maker: BatchMaker, embed: EmbedPhrases, origin: Origin
) -> PointFeatures:
    """Read the points of the first images of a run."""
    parts: list[PointFeatures] = []
    steps = -(-config.last_layer.images // config.schedule.batch)
    cpu = torch.device("cpu")
    for batch in (maker[step] for step in range(steps)):
        pixels = to_pixels(batch.images, cpu)
        sure = find_sure_points(origin, pixels, config.origin.min_score)
        distilled = select_names(origin.names, batch.exhaustive)
        known = (to_targets(batch, cpu), sure, distilled)
        texts = embed(batch.targets.phrases)
        parts += read_points(network, pixels, texts, known, config.last_layer)
    return join_points(parts)
