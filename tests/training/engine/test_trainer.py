from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ovd.errors import TrainingDivergedError
from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.text.adapter import TextAdapter
from ovd.model.trainable import ParameterRole, TrainableModel
from ovd.training.config import DataConfig, ModelConfig, ScheduleConfig, TrainConfig
from ovd.training.data.augment import NO_AUGMENTATION
from ovd.training.data.dataset import load_training_data
from ovd.training.data.loader import BatchMaker, LoaderConfig
from ovd.training.engine.objective import DenseObjective, to_targets
from ovd.training.engine.trainer import (
    MAX_NONFINITE_STEPS,
    AveragedWeights,
    ProcessGroup,
    TextInputs,
    Trainer,
    rate_factor,
)
from ovd.training.losses.criterion import Losses
from ovd.training.text.caption_phrases import CaptionTargets
from ovd.training.text.phrases import PhraseConfig, PhraseSampler
from tests.training.datasets import BOOK, write_dataset
from tests.training.sentence_builders import FEATURE_DIM, HashedSentences

CONFIG = TrainConfig(
    DataConfig("data"),
    model=ModelConfig(width=8, embed_dim=8),
    schedule=ScheduleConfig(images=1000, batch=2, warmup_images=100, decay_share=0.5, rate=1e-3),
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    folder = tmp_path_factory.mktemp("data")
    data = load_training_data([write_dataset(folder, "gate", {"a.jpg": rows, "b.jpg": rows})], BOOK)
    loader = LoaderConfig(batch_size=2, min_side_px=64, max_side_px=64, max_area_px=4096, workers=0)
    sampler = PhraseSampler(BOOK, data.names, PhraseConfig(count=12))
    return BatchMaker(data, sampler, loader, NO_AUGMENTATION)[0]


def make_trainer(config=CONFIG):
    torch.manual_seed(0)
    network = OvDense(OvDenseConfig(width=8, embed_dim=8))
    adapter = TextAdapter(FEATURE_DIM, 8)
    encoder = HashedSentences()
    objective = DenseObjective(config, network, lambda phrases: adapter(encoder.encode(phrases)))
    return Trainer(config, network, adapter, objective, TextInputs(encoder), (CPU, ProcessGroup()))


def test_rate_rises_stays_and_falls():
    rates = [rate_factor(images, CONFIG) for images in (0, 50, 400, 750, 1000)]

    assert rates == pytest.approx([0.02, 0.52, 1.0, 0.5, 0.01])


def test_targets_join_the_boxes_of_all_images(batch):
    targets = to_targets(batch, CPU)

    assert targets.image.tolist() == [0, 0, 1, 1]
    assert targets.match.shape == (4, len(batch.targets.phrases))
    assert targets.negative.shape == (2, len(batch.targets.phrases))
    assert targets.negative.dtype == torch.float32


def test_losses_fall_on_a_repeated_batch(batch):
    trainer = make_trainer(replace(CONFIG, schedule=replace(CONFIG.schedule, warmup_images=2)))

    losses = [trainer.step(batch)[0] for _ in range(12)]

    assert losses[-1].many < losses[0].many
    assert losses[-1].box < losses[0].box
    assert trainer.progress.images == 24


def test_caption_phrases_have_a_loss(batch):
    trainer = make_trainer()
    captions = CaptionTargets(("sand",), np.array([[True], [False]]), np.array([True, True]))

    with_captions, _ = trainer.step(replace(batch, captions=captions))
    without, _ = make_trainer().step(batch)

    assert with_captions.captions > 0 == without.captions
    assert with_captions.total > without.total


def test_frozen_blocks_stay_and_others_move(batch):
    trainer = make_trainer()
    before = [block.project.conv.weight.clone() for block in trainer.network.backbone.blocks]

    trainer.step(batch)

    same = [
        torch.equal(old, block.project.conv.weight)
        for old, block in zip(before, trainer.network.backbone.blocks, strict=True)
    ]
    assert same == [True] * 7 + [False] * 10


def test_step_of_a_nonfinite_loss_changes_no_weight(batch):
    trainer = make_trainer()
    with torch.no_grad():
        trainer.network.text_head.bias.fill_(float("nan"))
    before = trainer.network.many.embed.weight.clone()

    trainer.step(batch)

    assert torch.equal(trainer.network.many.embed.weight, before)


def test_lasting_divergence_names_the_images(batch):
    trainer = make_trainer()
    with torch.no_grad():
        trainer.network.text_head.bias.fill_(float("nan"))

    for _ in range(MAX_NONFINITE_STEPS - 1):
        trainer.step(batch)

    with pytest.raises(TrainingDivergedError, match=r"gate/.\.jpg.*lower schedule\.rate"):
        trainer.step(batch)


def test_average_follows_the_weights_with_a_growing_memory():
    module = nn.Linear(1, 1)
    nn.init.zeros_(module.weight)
    averaged = AveragedWeights(module, memory_steps=20)
    nn.init.ones_(module.weight)

    averaged.update(module, step=0)
    assert averaged.module.weight.item() == pytest.approx(0.1)
    averaged.update(module, step=1000)
    assert averaged.module.weight.item() == pytest.approx(0.1 + 0.9 / 20)


def test_lone_process_keeps_its_gradients():
    gradient = torch.ones(3)

    ProcessGroup().average([gradient])

    assert gradient.tolist() == [1, 1, 1]


class OneLayer(TrainableModel):
    """A student of another architecture."""

    def __init__(self) -> None:
        super().__init__()
        self.eyes = nn.Linear(3, 8)
        self.text_head = InnerProductHead()

    def role_of(self, parameter):
        return ParameterRole.BACKBONE if parameter.startswith("eyes") else ParameterRole.NEW

    def freeze_backbone(self, blocks):
        self.eyes.bias.requires_grad_(blocks == 0)


def test_trainer_trains_a_network_of_another_architecture(batch):
    network, adapter = OneLayer(), TextAdapter(FEATURE_DIM, 8)

    def objective(batch, texts, images_done):
        seen = network.eyes(batch.images.float().mean(dim=(2, 3)) / 255)
        loss = network.text_head.similarity(seen, texts).square().mean()
        return Losses(loss, loss.item(), 0.0, 0.0, 0.0, 0.0)

    text_inputs = TextInputs(HashedSentences())
    trainer = Trainer(CONFIG, network, adapter, objective, text_inputs, (CPU, ProcessGroup()))
    before = network.eyes.weight.detach().clone()

    trainer.step(batch)

    assert not torch.equal(network.eyes.weight, before)
    assert not network.eyes.bias.requires_grad
