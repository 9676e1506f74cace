import torch

from ovd.model.box_ops import cxcywh_to_xyxy
from ovd.training.detr.config import NoiseConfig
from ovd.training.detr.denoising import make_noisy
from tests.training.detr.builders import make_set_targets

TEXTS = torch.eye(3)
BOXES = [(20, 20, 60, 60), (50, 50, 70, 90)]
MATCH = [[True, False, False], [False, True, True]]


def make(config, seed=0, **changes):
    targets = make_set_targets(BOXES, MATCH, **changes)
    generator = torch.Generator().manual_seed(seed)
    return make_noisy(targets.known, targets.cxcywh_norm, TEXTS, config, generator), targets


def test_every_group_has_a_true_and_a_false_copy_of_each_box():
    noisy, _ = make(NoiseConfig(queries=8))

    assert noisy.box.tolist() == [[0, 1] * 4] or noisy.box.tolist() == [[1, 0] * 4]
    assert noisy.is_true.tolist() == [True, True, False, False] * 2
    assert noisy.queries.group.tolist() == [0] * 4 + [1] * 4
    assert noisy.queries.cxcywh_norm.shape == (1, 8, 4)


def test_true_copies_are_near_and_false_ones_further_off():
    noisy, targets = make(NoiseConfig(queries=40, box=0.4))

    wanted = targets.cxcywh_norm[noisy.box]
    gap = (cxcywh_to_xyxy(noisy.queries.cxcywh_norm) - cxcywh_to_xyxy(wanted)).abs()
    shares = gap / (wanted[..., 2:] / 2).repeat(1, 1, 2)
    assert (shares[:, noisy.is_true] <= 0.4 + 1e-5).all()
    assert (shares[:, ~noisy.is_true] >= 0.4 - 1e-5).all()
    assert (shares[:, ~noisy.is_true] <= 0.8 + 1e-5).all()


def test_texts_are_those_of_the_box_unless_they_are_flipped():
    faithful, targets = make(NoiseConfig(queries=40, flip=0.0))
    flipped, _ = make(NoiseConfig(queries=40, flip=1.0))

    own = targets.known.match[faithful.box]
    text = faithful.queries.text_embeds.argmax(dim=-1)
    assert own.gather(2, text[..., None]).all()
    other = flipped.queries.text_embeds.argmax(dim=-1)
    assert not targets.known.match[flipped.box].gather(2, other[..., None]).all()


def test_same_seed_makes_the_same_noise():
    one, _ = make(NoiseConfig(), seed=3)
    other, _ = make(NoiseConfig(), seed=3)

    assert torch.equal(one.queries.cxcywh_norm, other.queries.cxcywh_norm)


def test_boxes_to_be_ignored_are_left_out():
    noisy, _ = make(NoiseConfig(queries=4), is_ignored=torch.tensor([True, False]))

    assert set(noisy.box.flatten().tolist()) == {1}


def test_nothing_to_denoise_makes_no_queries():
    assert make(NoiseConfig(queries=0))[0] is None
    assert make(NoiseConfig(), is_ignored=torch.tensor([True, True]))[0] is None
