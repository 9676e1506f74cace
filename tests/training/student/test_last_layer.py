from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from ovd.errors import SettingsError
from ovd.model.ghost.network import GhostConfig, OvGhost
from ovd.training.config import DataConfig, LossConfig, TrainConfig
from ovd.training.data.augment import NO_AUGMENTATION
from ovd.training.data.dataset import load_training_data
from ovd.training.data.loader import BatchMaker, LoaderConfig
from ovd.training.engine.objective import to_pixels, to_targets
from ovd.training.student import fitting
from ovd.training.student.fitting import fit_to_data
from ovd.training.student.last_layer import (
    UNKNOWN_LOGIT,
    LastLayerConfig,
    PointFeatures,
    fit_last_layer,
    join_points,
    read_points,
)
from ovd.training.student.origin import Origin, OriginConfig, SurePoints
from ovd.training.text.phrases import NameSampler
from tests.training.datasets import BOOK, write_dataset

SIZE = GhostConfig(width=8, fresh_width=4, embed_dim=8)
FIT = LastLayerConfig(images=2, steps=150, points=64, rate=0.05, hard=20, random=5)
LOADER = LoaderConfig(batch_size=2, min_side_px=64, max_side_px=64, max_area_px=4096, workers=0)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    folder = tmp_path_factory.mktemp("data")
    return load_training_data([write_dataset(folder, "gate", {"a.jpg": rows, "b.jpg": rows})], BOOK)


def make_points(count=200):
    """Points of two names that the first feature tells apart."""
    torch.manual_seed(0)
    tower, is_first = torch.randn(count, 8), torch.rand(count) < 0.5
    tower[:, 0] = torch.where(is_first, 2.0, -2.0)
    target = torch.stack((is_first, ~is_first), dim=1).float()
    return PointFeatures(
        torch.zeros(count, dtype=torch.uint8), tower, torch.zeros(count, 4), target,
        torch.ones_like(target), torch.full((count, 1), UNKNOWN_LOGIT),
    )  # fmt: skip


def embed(phrases):
    generator = torch.Generator().manual_seed(1)
    return F.normalize(torch.randn(len(phrases), 8, generator=generator), dim=1)


def test_the_fit_tells_names_apart_that_features_tell_apart():
    network = OvGhost(SIZE)
    before = network.head.bins[0].weight.clone()
    texts = [torch.eye(2, 8)[:1], torch.eye(2, 8)[1:]]

    losses = fit_last_layer(network, make_points(), texts, torch.tensor([0]), FIT)

    assert losses[-1] < 0.1 * losses[0]
    assert torch.equal(network.head.bins[0].weight, before)


def test_the_fit_keeps_what_the_frozen_network_says():
    points = make_points()
    texts = [torch.eye(2, 8)[:1], torch.eye(2, 8)[1:]]
    taught = replace(
        points, weight=torch.zeros_like(points.weight), origin=4.0 * points.target[:, 1:] - 2.0
    )
    network = OvGhost(SIZE)

    losses = fit_last_layer(network, taught, texts, torch.tensor([1]), FIT)

    assert losses[-1] < 0.3 * losses[0]


def test_chosen_points_hold_every_box_and_what_the_frozen_network_says(data):
    torch.manual_seed(0)
    network, sampler = OvGhost(SIZE).eval(), NameSampler(BOOK, data.names)
    batch = BatchMaker(data, sampler, LOADER, NO_AUGMENTATION)[0]
    cpu = torch.device("cpu")
    sure = SurePoints(
        torch.tensor([0]), torch.tensor([3]), torch.tensor([[1.5, -1.0]]), torch.zeros(1, 4, 8)
    )
    known = (to_targets(batch, cpu), sure, torch.tensor([[True, False], [True, True]]))
    pixels = to_pixels(batch.images, cpu)

    points = join_points(read_points(network, pixels, embed(sampler.asked), known, FIT))

    column = sampler.asked.index("person")
    assert (points.target[:, column] > 0).any()
    assert points.origin.amax(dim=0).tolist() == [1.5, UNKNOWN_LOGIT]
    assert len(points) < 2 * 85


def test_every_name_is_asked_for_in_its_usual_wording(data):
    sampler = NameSampler(BOOK, data.names)

    targets = BatchMaker(data, sampler, LOADER, NO_AUGMENTATION)[0].targets

    assert targets.phrases == targets.concepts == sampler.asked
    assert {"car", "person"} <= set(sampler.asked)


def test_a_run_fits_the_last_layer_to_its_images(data, monkeypatch):
    torch.manual_seed(0)
    network = OvGhost(SIZE)
    origin = Origin(OvGhost(SIZE).eval(), ("car",), torch.eye(1, 8))
    monkeypatch.setattr(fitting, "load_configured_origin", lambda config: origin)
    config = TrainConfig(DataConfig("data"), last_layer=FIT)

    losses = fit_to_data(config, network, data, embed, (BOOK, LOADER))

    assert losses[-1] < losses[0]


def test_a_fit_without_distillation_is_refused(data):
    config = TrainConfig(
        DataConfig("data"), loss=LossConfig(), origin=OriginConfig(), last_layer=FIT
    )

    with pytest.raises(SettingsError, match=r"loss\.distill"):
        fit_to_data(config, OvGhost(SIZE), data, embed, (BOOK, LOADER))
