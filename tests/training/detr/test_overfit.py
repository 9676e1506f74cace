"""Whether matching and losses lead where they should: to the boxes and names of a few images."""

from dataclasses import dataclass, replace

import pytest
import torch

from ovd.domain.detections import Detections
from ovd.evaluation.coco_metrics import ScoredImage, TruthBox, average_precision
from ovd.model.box_ops import cxcywh_to_xyxy
from ovd.model.detr.config import Attention, OvDetrConfig
from ovd.model.detr.network import OvDetr
from ovd.model.detr.tokens import PHASE
from ovd.model.transformer.encoder import TokenMaps
from ovd.model.transformer.positions import cell_centres, level_of_cells, sine_positions
from ovd.training.detr.config import DetrLossWeights, NoiseConfig
from ovd.training.detr.criterion import DetrCriterion, SetTargets, to_set_targets
from ovd.training.detr.denoising import make_noisy
from ovd.training.detr.matching import MatchingCosts
from ovd.training.losses.criterion import BatchTargets

NAMES, SIDE = 3, 64
SIZES = {Attention.DEFORMABLE: ((8, 8), (4, 4), (2, 2), (1, 1)), Attention.DENSE: ((8, 8),)}
LABELS = ("red", "green", "blue")
MODES = pytest.mark.parametrize("attention", list(Attention))


@dataclass(frozen=True, eq=False)
class Lesson:
    """Images to learn by heart: tokens of noise in the place of a backbone's, and their boxes."""

    maps: TokenMaps
    targets: SetTargets

    def part(self, images):
        """The lesson of some of its images."""
        known = self.targets.known
        mine = torch.cat([(known.image == image).nonzero()[:, 0] for image in images])
        fields = ("xyxy", "soft_score", "is_ignored", "match", "ignore")
        chosen = replace(
            known,
            image=torch.arange(len(images)).repeat_interleave(NAMES),
            negative=known.negative[images],
            small_uncertain=known.small_uncertain[images],
            **{name: getattr(known, name)[mine] for name in fields},
        )
        maps = replace(self.maps, tokens=self.maps.tokens[images])
        return Lesson(maps, to_set_targets(chosen, (SIDE, SIDE)))


def make_lesson(images, config):
    """One object of each name per image, at random places."""
    generator = torch.Generator().manual_seed(1)
    count = images * NAMES
    low = torch.rand((count, 2), generator=generator) * 0.6
    side = 0.15 + torch.rand((count, 2), generator=generator) * 0.2
    known = BatchTargets(
        xyxy=torch.cat((low, low + side), dim=1) * SIDE,
        image=torch.arange(images).repeat_interleave(NAMES),
        soft_score=torch.ones(count),
        is_ignored=torch.zeros(count, dtype=torch.bool),
        match=torch.eye(NAMES, dtype=torch.bool).repeat(images, 1),
        ignore=torch.zeros((count, NAMES), dtype=torch.bool),
        negative=torch.ones((images, NAMES)),
        small_uncertain=torch.zeros((images, NAMES), dtype=torch.bool),
    )
    sizes = SIZES[config.attention]
    centres = cell_centres(sizes, PHASE)
    positions = sine_positions(centres, config.width) + level_of_cells(sizes)[:, None] * 0.3
    tokens = torch.randn((images, len(centres), config.width), generator=generator)
    maps = TokenMaps(tokens, positions, centres, sizes)
    return Lesson(maps, to_set_targets(known, (SIDE, SIDE)))


def make_network(attention, width, queries):
    """The first DETR, or the deformable one with two stages and refinement."""
    torch.manual_seed(0)
    is_later = attention is Attention.DEFORMABLE
    config = OvDetrConfig(
        width=width, embed_dim=8, heads=2, points=2, inner=2 * width, encoder_layers=1,
        decoder_layers=2, queries=queries, attention=attention, two_stage=is_later, refine=is_later,
    )  # fmt: skip
    return OvDetr(config)


def learn(network, lesson, steps, rate, batch):
    """Train a network without its backbone; the rate falls over the last half of the steps."""
    generator = torch.Generator().manual_seed(2)
    texts = torch.eye(8)[:NAMES]
    criterion = DetrCriterion(DetrLossWeights(), MatchingCosts(), 0.3)
    parts = (network.encoder, network.decoder, network.embed, network.noisy_content)
    extra = [network.start_content, *network.text_head.parameters()]
    for name in ("token_heads", "to_content", "scorer"):
        extra += [*getattr(network, name).parameters()] if hasattr(network, name) else []
    extra += [network.start_boxes] if hasattr(network, "start_boxes") else []
    parameters = [p for part in parts for p in part.parameters()] + extra
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0)
    network.train()
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * min(1.0, 2.02 - 2 * step / steps)
        order = torch.randperm(len(lesson.maps.tokens), generator=generator)[:batch]
        part = lesson.part(order.tolist())
        noisy = make_noisy(
            part.targets.known, part.targets.cxcywh_norm, texts, NoiseConfig(queries=12), generator
        )
        found = network.decode_tokens(part.maps, noisy.queries)
        losses = criterion(found, (network.text_head, texts), part.targets, 1.0, noisy)
        optimizer.zero_grad()
        losses.total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()


def score(network, lesson):
    """Average precision on the images learned from, nothing suppressed."""
    with torch.no_grad():
        last = network.eval().decode_tokens(lesson.maps).layers[-1]
        logits = network.text_head.similarity(last.region_embeds, torch.eye(8)[:NAMES])
    boxes = cxcywh_to_xyxy(last.cxcywh_norm) * SIDE
    known = lesson.targets.known
    images = []
    for index, image_logits in enumerate(logits.sigmoid()):
        query, label = image_logits.numpy().nonzero()
        truth = tuple(
            TruthBox(LABELS[row.int().argmax()], tuple(box.tolist()))
            for row, box in zip(
                known.match[known.image == index], known.xyxy[known.image == index], strict=True
            )
        )
        found = Detections(
            boxes[index][query].numpy(), image_logits[query, label].numpy(), label, LABELS
        )
        images.append(ScoredImage(truth, found))
    return average_precision(images, LABELS)


@MODES
def test_four_images_are_learned_by_heart(attention):
    network = make_network(attention, 32, 8)
    lesson = make_lesson(4, network.config)

    learn(network, lesson, 80 if attention is Attention.DEFORMABLE else 160, 3e-3, 4)

    assert score(network, lesson).ap50 > 0.9


@pytest.mark.long
@MODES
def test_fifty_images_are_learned_by_heart(attention):
    network = make_network(attention, 64, 12)
    lesson = make_lesson(50, network.config)

    learn(network, lesson, 3000, 1e-3, 10)

    assert score(network, lesson).ap > 0.9
