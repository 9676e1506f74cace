"""Whether matching and losses lead where they should: to the boxes and names of a few images."""

import pytest
import torch

from ovd.model.box_ops import cxcywh_to_xyxy, pairwise_iou
from ovd.model.detr.config import Attention, OvDetrConfig
from ovd.model.detr.network import OvDetr
from ovd.model.detr.tokens import PHASE
from ovd.model.transformer.encoder import TokenMaps
from ovd.model.transformer.positions import cell_centres, level_of_cells, sine_positions
from ovd.training.detr.config import DetrLossWeights, NoiseConfig
from ovd.training.detr.criterion import DetrCriterion, to_set_targets
from ovd.training.detr.denoising import make_noisy
from ovd.training.detr.matching import MatchingCosts
from ovd.training.losses.criterion import BatchTargets

IMAGES, NAMES, SIDE = 4, 3, 64
STEPS = {Attention.DEFORMABLE: 120, Attention.DENSE: 240}
SIZES = {Attention.DEFORMABLE: ((8, 8), (4, 4), (2, 2), (1, 1)), Attention.DENSE: ((8, 8),)}


def make_objects(generator):
    """One object of each name per image, at random places."""
    low = torch.rand((IMAGES * NAMES, 2), generator=generator) * 0.6
    side = 0.15 + torch.rand((IMAGES * NAMES, 2), generator=generator) * 0.2
    count = IMAGES * NAMES
    return BatchTargets(
        xyxy=torch.cat((low, low + side), dim=1) * SIDE,
        image=torch.arange(IMAGES).repeat_interleave(NAMES),
        soft_score=torch.ones(count),
        is_ignored=torch.zeros(count, dtype=torch.bool),
        match=torch.eye(NAMES, dtype=torch.bool).repeat(IMAGES, 1),
        ignore=torch.zeros((count, NAMES), dtype=torch.bool),
        negative=torch.ones((IMAGES, NAMES)),
        small_uncertain=torch.zeros((IMAGES, NAMES), dtype=torch.bool),
    )


def make_maps(config, generator):
    """Tokens of noise in the place of a backbone's: each image can be told by its own."""
    sizes = SIZES[config.attention]
    centres = cell_centres(sizes, PHASE)
    positions = sine_positions(centres, config.width) + level_of_cells(sizes)[:, None] * 0.3
    tokens = torch.randn((IMAGES, len(centres), config.width), generator=generator)
    return TokenMaps(tokens, positions, centres, sizes)


@pytest.mark.parametrize("attention", list(Attention))
def test_four_images_are_learned_by_heart(attention):
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    is_first_detr = attention is Attention.DENSE
    config = OvDetrConfig(
        width=32,
        embed_dim=8,
        heads=2,
        points=2,
        inner=64,
        encoder_layers=1,
        decoder_layers=2,
        queries=12,
        attention=attention,
        two_stage=not is_first_detr,
        refine=not is_first_detr,
    )
    network = OvDetr(config).train()
    known = make_objects(generator)
    targets, texts = to_set_targets(known, (SIDE, SIDE)), torch.eye(8)[:NAMES]
    maps = make_maps(network.config, generator)
    criterion = DetrCriterion(DetrLossWeights(), MatchingCosts(), 0.3)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    for _ in range(STEPS[attention]):
        noisy = make_noisy(known, targets.cxcywh_norm, texts, NoiseConfig(queries=12), generator)
        found = network.decode_tokens(maps, noisy.queries)
        losses = criterion(found, (network.text_head, texts), targets, 1.0, noisy)
        optimizer.zero_grad()
        losses.total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    last = network.eval().decode_tokens(maps).layers[-1]
    scores = network.text_head.similarity(last.region_embeds, texts).sigmoid()
    best = scores.argmax(dim=1)
    for index in range(IMAGES):
        own = cxcywh_to_xyxy(targets.cxcywh_norm[known.image == index])
        overlaps = pairwise_iou(
            cxcywh_to_xyxy(last.cxcywh_norm[index])[best[index]], own
        ).diagonal()
        assert overlaps.min() > 0.6
        # One query per object: the second best score of a name is far below the best.
        first, second = scores[index].topk(2, dim=0).values
        assert (first > second + 0.15).all()
