from dataclasses import replace

import pytest
import torch

from ovd.errors import SettingsError
from ovd.model.ghost.network import GhostConfig, OvGhost
from ovd.model.trainable import ParameterRole
from ovd.training.config import DataConfig, LossConfig, TrainConfig
from ovd.training.data.augment import NO_AUGMENTATION
from ovd.training.data.dataset import load_training_data
from ovd.training.data.loader import BatchMaker, LoaderConfig
from ovd.training.student.objective import GhostObjective, load_configured_origin
from ovd.training.student.origin import Origin, OriginConfig
from ovd.training.text.phrases import PhraseConfig, PhraseSampler
from tests.training.datasets import BOOK, write_dataset

CONFIG = TrainConfig(DataConfig("data"))


def no_names(names):
    return torch.zeros(len(names), 8)


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    folder = tmp_path_factory.mktemp("data")
    data = load_training_data([write_dataset(folder, "gate", {"a.jpg": rows, "b.jpg": rows})], BOOK)
    loader = LoaderConfig(batch_size=2, min_side_px=64, max_side_px=64, max_area_px=4096, workers=0)
    sampler = PhraseSampler(BOOK, data.names, PhraseConfig(count=12))
    return BatchMaker(data, sampler, loader, NO_AUGMENTATION)[0]


def test_a_batch_moves_every_part_that_is_not_frozen(batch):
    torch.manual_seed(0)
    network = OvGhost(GhostConfig(width=8, fresh_width=4, embed_dim=8))
    torch.nn.init.normal_(network.head.fresh_embed.weight)
    network.freeze_backbone(2)
    texts = torch.nn.functional.normalize(torch.randn(len(batch.targets.phrases), 8), dim=1)

    losses = GhostObjective(CONFIG, network, no_names)(batch, texts, 0)
    losses.total.backward()

    still = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    assert torch.isfinite(losses.total)
    assert losses.box > 0
    assert {name.split(".")[1] for name in still} == {"stem", "stages"}
    assert not any(name.startswith(("backbone.stages.1", "backbone.stages.2")) for name in still)


def test_parts_are_trained_by_where_they_come_from():
    network = OvGhost(GhostConfig(width=8, fresh_width=4, embed_dim=8))

    roles = [network.role_of(name) for name in ("backbone.stem", "neck.reduce", "head.fresh.0")]

    assert roles == [ParameterRole.BACKBONE, ParameterRole.INHERITED, ParameterRole.NEW]


def make_origin():
    network = OvGhost(GhostConfig(width=8, fresh_width=4, embed_dim=8)).eval()
    network.text_head.bias.data.fill_(1.0)
    return Origin(network, ("car", "cat"), torch.eye(2, 8))


def test_the_frozen_network_is_distilled_in_every_nth_batch(batch):
    torch.manual_seed(0)
    network, origin = OvGhost(GhostConfig(width=8, fresh_width=4, embed_dim=8)), make_origin()
    texts = torch.nn.functional.normalize(torch.randn(len(batch.targets.phrases), 8), dim=1)
    config = replace(CONFIG, loss=LossConfig(distill=1.0), origin=OriginConfig("a", every=2))
    objective = GhostObjective(config, network, no_names, origin)

    distilled = [objective(replace(batch, step=step), texts, 0).distill for step in (0, 1, 2)]

    assert [value > 0 for value in distilled] == [True, False, True]


def test_distillation_without_arrays_is_refused():
    config = replace(CONFIG, loss=LossConfig(distill=1.0))

    with pytest.raises(SettingsError, match=r"origin\.arrays"):
        load_configured_origin(config)
