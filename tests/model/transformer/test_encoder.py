import pytest
import torch

from ovd.model.transformer.deformable import AttentionShape
from ovd.model.transformer.encoder import Encoder, TokenMaps, put_tokens, take_tokens
from ovd.model.transformer.positions import cell_centres

SIZES = ((3, 4), (2, 2))
SHAPE = AttentionShape(width=8, heads=2, levels=2, points=2)


def make_maps():
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(2, 16, 8, generator=generator)
    positions = torch.randn(16, 8, generator=generator)
    return TokenMaps(tokens, positions, cell_centres(SIZES, 0.5), SIZES)


@pytest.mark.parametrize("dense", [False, True])
def test_keeping_every_token_is_encoding_all(dense):
    torch.manual_seed(0)
    encoder = Encoder(SHAPE, 16, 2, dense=dense)
    maps = make_maps()

    everything = encoder(maps, torch.arange(16).flip(0).expand(2, -1))

    assert len(everything) == 2
    torch.testing.assert_close(everything[-1], encoder(maps)[-1])


def test_tokens_that_are_not_kept_stay_as_they_came():
    encoder = Encoder(SHAPE, 16, 2, dense=False)
    maps = make_maps()
    kept = torch.tensor([[0, 5], [3, 2]])

    after = encoder(maps, kept)[-1]

    changed = (after != maps.tokens).any(dim=-1)
    assert [row.nonzero().flatten().tolist() for row in changed] == [[0, 5], [2, 3]]


def test_kept_tokens_read_the_others():
    encoder = Encoder(SHAPE, 16, 1, dense=False)
    maps = make_maps()
    other = TokenMaps(maps.tokens.clone(), maps.positions, maps.centres, maps.sizes)
    other.tokens[0, 1] += 1.0
    kept = torch.tensor([[0], [0]])

    assert not torch.equal(encoder(maps, kept)[-1][0, 0], encoder(other, kept)[-1][0, 0])


def test_taken_tokens_can_be_put_back():
    tokens = make_maps().tokens
    kept = torch.tensor([[4, 1], [2, 7]])

    assert torch.equal(put_tokens(tokens, kept, take_tokens(tokens, kept)), tokens)
